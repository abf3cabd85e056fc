-- Addresses to which no mail goes. address: canonical; empty once its person was erased, when the keyed hash alone remains.
CREATE TABLE suppressions (
  workspace_id BIGINT NOT NULL,
  address_hash TEXT NOT NULL,
  address TEXT NOT NULL,
  reason TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  suppressed_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, address_hash)
) {{without_rowid}};

CREATE INDEX suppressions_by_address ON suppressions (workspace_id, address);
