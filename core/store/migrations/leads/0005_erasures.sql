-- What an erasure leaves to be scrubbed from the inbox: which events of which entries; idx -1: the whole entry. erased_by:
-- the entry of the log that asked. Nothing here is about a person.
CREATE TABLE erasures (
  workspace_id BIGINT NOT NULL,
  erased_by BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, erased_by, seq, idx)
) {{without_rowid}};
