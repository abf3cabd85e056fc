-- What the log's events take back, before the pipeline has read them: a sender asks here just before a mail leaves. Keyed
-- hashes of addresses only. purpose: a consent's, or * for all mails.
CREATE TABLE withdrawals (
  workspace_id BIGINT NOT NULL,
  address_hash TEXT NOT NULL,
  seq BIGINT NOT NULL,
  purpose TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, address_hash, seq, purpose)
) {{without_rowid}};

CREATE INDEX withdrawals_by_time ON withdrawals (workspace_id, received_at);
