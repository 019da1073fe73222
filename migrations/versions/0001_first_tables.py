"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    op.create_index('ix_audit_entries_subject', 'audit_entries', ['subject'], unique=False)
    op.create_table('feed_versions',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_feed_versions'))
    )
    op.create_table('messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('reminder', sa.Boolean(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('useful_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('pending', 'sent', 'failed', 'withdrawn', 'stale', name='state', native_enum=False, create_constraint=True, length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claimed_by', sa.String(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('key', name=op.f('uq_messages_key'))
    )
    op.create_index('ix_messages_due', 'messages', ['next_attempt_at'], unique=False, postgresql_where=sa.text("state = 'pending'"), sqlite_where=sa.text("state = 'pending'"))
    op.create_index('ix_messages_useful_until', 'messages', ['useful_until'], unique=False)
    op.create_table('organizations',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=True),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('code_of_conduct', sa.String(), nullable=True),
    sa.Column('links', sa.JSON(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_organizations_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organizations'))
    )
    op.create_table('people',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=True),
    sa.Column('zone', sa.String(), nullable=True),
    sa.Column('affiliation', sa.String(), nullable=True),
    sa.Column('is_admin', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('email', name=op.f('uq_people_email'))
    )
    op.create_table('series',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('ref', sa.String(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('short_name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('join_url', sa.String(), nullable=True),
    sa.Column('join_access', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('revised_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("join_access IN ('public', 'registered', 'on_request')", name=op.f('ck_series_access')),
    sa.CheckConstraint("kind IN ('talks', 'jam', 'group', 'social', 'service')", name=op.f('ck_series_kind')),
    sa.CheckConstraint("status IN ('active', 'paused', 'ended')", name=op.f('ck_series_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series')),
    sa.UniqueConstraint('ref', name=op.f('uq_series_ref')),
    sa.UniqueConstraint('slug', name=op.f('uq_series_slug')),
    sa.UniqueConstraint('uid', name=op.f('uq_series_uid'))
    )
    op.create_table('ticks',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_ticks'))
    )
    op.create_table('api_tokens',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_api_tokens_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_api_tokens'))
    )
    op.create_table('events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('date', sa.Date(), nullable=True),
    sa.Column('starts', sa.DateTime(), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('all_day', sa.Boolean(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('revised_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("status IN ('scheduled', 'tentative', 'cancelled')", name=op.f('ck_events_status')),
    sa.CheckConstraint('days > 0', name=op.f('ck_events_days')),
    sa.CheckConstraint('minutes > 0', name=op.f('ck_events_minutes')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_events_times')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_events_series_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events')),
    sa.UniqueConstraint('series_id', 'key', name=op.f('uq_events_series_id_key')),
    sa.UniqueConstraint('uid', name=op.f('uq_events_uid'))
    )
    op.create_index('ix_events_series_id_starts_at', 'events', ['series_id', 'starts_at'], unique=False)
    op.create_index('ix_events_starts_at', 'events', ['starts_at'], unique=False)
    op.create_table('gaps',
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_gaps_series_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('series_id', 'date', name=op.f('pk_gaps'))
    )
    op.create_table('hosts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('share_email', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('bio', sa.String(), nullable=False),
    sa.Column('topics', sa.JSON(), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('hours', sa.JSON(), nullable=False),
    sa.Column('paused', sa.Boolean(), nullable=False),
    sa.Column('per_day', sa.Integer(), nullable=True),
    sa.Column('per_week', sa.Integer(), nullable=True),
    sa.Column('meeting_url', sa.String(), nullable=True),
    sa.CheckConstraint('per_day > 0', name=op.f('ck_hosts_per_day')),
    sa.CheckConstraint('per_week > 0', name=op.f('ck_hosts_per_week')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_hosts_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hosts')),
    sa.UniqueConstraint('slug', name=op.f('uq_hosts_slug'))
    )
    op.create_index(op.f('ix_hosts_person_id'), 'hosts', ['person_id'], unique=False)
    op.create_table('series_organisers',
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_series_organisers_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_series_organisers_series_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('series_id', 'person_id', name=op.f('pk_series_organisers'))
    )
    op.create_index(op.f('ix_series_organisers_person_id'), 'series_organisers', ['person_id'], unique=False)
    op.create_table('sign_in_links',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('request', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('next_path', sa.String(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_sign_in_links_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sign_in_links'))
    )
    op.create_index('ix_sign_in_links_person_id', 'sign_in_links', ['person_id'], unique=False)
    op.create_table('sign_in_sessions',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_sign_in_sessions_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sign_in_sessions'))
    )
    op.create_index('ix_sign_in_sessions_person_id', 'sign_in_sessions', ['person_id'], unique=False)
    op.create_table('timetable_periods',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('starts', sa.DateTime(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(), nullable=True),
    sa.Column('until', sa.Date(), nullable=True),
    sa.CheckConstraint('minutes > 0', name=op.f('ck_timetable_periods_minutes')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_timetable_periods_series_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timetable_periods')),
    sa.UniqueConstraint('series_id', 'starts', name=op.f('uq_timetable_periods_series_id_starts'))
    )
    op.create_table('office_hours',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('minutes', sa.JSON(), nullable=False),
    sa.Column('interval', sa.Integer(), nullable=True),
    sa.Column('buffer_before', sa.Integer(), nullable=False),
    sa.Column('buffer_after', sa.Integer(), nullable=False),
    sa.Column('notice', sa.Integer(), nullable=False),
    sa.Column('horizon', sa.JSON(), nullable=False),
    sa.Column('per_day', sa.Integer(), nullable=True),
    sa.Column('per_week', sa.Integer(), nullable=True),
    sa.Column('per_guest_open', sa.Integer(), nullable=True),
    sa.Column('change_until', sa.Integer(), nullable=False),
    sa.Column('approval', sa.Boolean(), nullable=False),
    sa.Column('verify_guest', sa.Boolean(), nullable=False),
    sa.Column('pending_blocks', sa.Boolean(), nullable=False),
    sa.Column('visibility', sa.String(), nullable=False),
    sa.Column('questions', sa.JSON(), nullable=False),
    sa.CheckConstraint("visibility IN ('public', 'unlisted', 'members')", name=op.f('ck_office_hours_visibility')),
    sa.CheckConstraint('buffer_before >= 0 AND buffer_after >= 0', name=op.f('ck_office_hours_buffers')),
    sa.CheckConstraint('change_until >= 0', name=op.f('ck_office_hours_change_until')),
    sa.CheckConstraint('interval > 0', name=op.f('ck_office_hours_interval')),
    sa.CheckConstraint('notice >= 0', name=op.f('ck_office_hours_notice')),
    sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_office_hours_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_office_hours')),
    sa.UniqueConstraint('host_id', 'slug', name=op.f('uq_office_hours_host_id_slug'))
    )
    op.create_table('talks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=True),
    sa.Column('abstract', sa.String(), nullable=True),
    sa.Column('topics', sa.JSON(), nullable=False),
    sa.Column('paper_url', sa.String(), nullable=True),
    sa.Column('slides_url', sa.String(), nullable=True),
    sa.Column('video_url', sa.String(), nullable=True),
    sa.Column('video_at', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_talks_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_talks')),
    sa.UniqueConstraint('event_id', 'position', name=op.f('uq_talks_event_id_position'))
    )
    op.create_table('bookings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('host_id', sa.Integer(), nullable=False),
    sa.Column('office_hours_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('starts', sa.DateTime(), nullable=False),
    sa.Column('host_zone', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('blocks', sa.Boolean(), nullable=False),
    sa.Column('guest_name', sa.String(), nullable=False),
    sa.Column('guest_email', sa.String(), nullable=False),
    sa.Column('guest_zone', sa.String(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revised_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("blocks = (status IN ('held', 'confirmed') OR (status = 'pending' AND blocks))", name=op.f('ck_bookings_blocks')),
    sa.CheckConstraint("status IN ('held', 'pending', 'confirmed', 'declined', 'cancelled', 'done', 'no_show')", name=op.f('ck_bookings_status')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_bookings_times')),
    sa.ForeignKeyConstraint(['host_id'], ['hosts.id'], name=op.f('fk_bookings_host_id')),
    sa.ForeignKeyConstraint(['office_hours_id'], ['office_hours.id'], name=op.f('fk_bookings_office_hours_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bookings')),
    sa.UniqueConstraint('ref', name=op.f('uq_bookings_ref')),
    sa.UniqueConstraint('uid', name=op.f('uq_bookings_uid'))
    )
    op.create_index('ix_bookings_host_id_starts_at', 'bookings', ['host_id', 'starts_at'], unique=False)
    op.create_index('ix_bookings_office_hours_id_guest_email', 'bookings', ['office_hours_id', 'guest_email'], unique=False)
    op.create_index('ix_bookings_starts_at', 'bookings', ['starts_at'], unique=False)
    op.create_table('speakers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('talk_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('affiliation', sa.String(), nullable=True),
    sa.Column('url', sa.String(), nullable=True),
    sa.Column('email', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['talk_id'], ['talks.id'], name=op.f('fk_speakers_talk_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_speakers')),
    sa.UniqueConstraint('talk_id', 'position', name=op.f('uq_speakers_talk_id_position'))
    )
    op.create_index('ix_speakers_email', 'speakers', ['email'], unique=False)
    op.create_table('idempotency_keys',
    sa.Column('office_hours_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('body_hash', sa.String(), nullable=False),
    sa.Column('booking_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_idempotency_keys_booking_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['office_hours_id'], ['office_hours.id'], name=op.f('fk_idempotency_keys_office_hours_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('office_hours_id', 'key', name=op.f('pk_idempotency_keys'))
    )
    op.create_index(op.f('ix_idempotency_keys_created_at'), 'idempotency_keys', ['created_at'], unique=False)
