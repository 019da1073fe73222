"""The organisation and its people, as a file writes them."""

from core.documents import Document, Email, Line, Name, Url, ZoneName


class OrganizationDocument(Document):
    """`organization` of the community file."""

    name: Name
    url: Url | None = None
    email: Email | None = None
    zone: ZoneName = "UTC"
    code_of_conduct: Url | None = None
    links: dict[Line, Url] = {}


class PersonDocument(Document):
    """One of `people`; the key is `email`."""

    email: Email
    name: Name | None = None
    zone: ZoneName | None = None
    affiliation: Line | None = None
    admin: bool = False
