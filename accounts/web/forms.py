"""Forms of accounts: text in, frozen values or field errors out."""

from collections.abc import Mapping

from core.fields import Schema, ShortText, ZoneName


class Profile(Schema):
    """What people say of themselves."""

    name: ShortText | None = None
    zone: ZoneName | None = None


def parse_profile(form: Mapping[str, str]) -> Profile:
    """Return the profile of a posted form; raise ValidationError."""
    return Profile.model_validate({key: form.get(key) or None for key in ("name", "zone")})
