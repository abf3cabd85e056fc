-- A redrive looks for the attachments of an entry, and whether anybody else has their contents.
CREATE INDEX attachments_of_entry ON attachments (workspace_id, seq);

CREATE INDEX attachments_of_content ON attachments (workspace_id, sha256);
