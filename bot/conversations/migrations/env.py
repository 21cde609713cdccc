"""Run by Alembic for each command; `bot/conversations/migrating.py` hands the connection over."""

from alembic import context

from bot.conversations import supplier_models  # noqa: F401  # its tables are of Base too
from bot.conversations.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
