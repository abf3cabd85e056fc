-- Replies in chats are messages, too. system: whose id of the person `address` is; author: who of the team wrote it.
ALTER TABLE messages ADD COLUMN system TEXT NOT NULL DEFAULT '';

ALTER TABLE messages ADD COLUMN text TEXT NOT NULL DEFAULT '';

ALTER TABLE messages ADD COLUMN author TEXT NOT NULL DEFAULT '';

-- Each kind has a sender of its own.
DROP INDEX messages_due;

CREATE INDEX messages_due ON messages (workspace_id, kind, state, due_at);
