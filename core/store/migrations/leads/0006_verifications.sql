-- Addresses whose domain DNS is to be asked about, and when.
CREATE TABLE verifications (
  workspace_id BIGINT NOT NULL,
  canonical TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_id, canonical)
) {{without_rowid}};

CREATE INDEX verifications_due ON verifications (workspace_id, due_at);
