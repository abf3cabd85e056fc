-- Merged leads and what was found out about contact points.
--
-- A merge is a link, not a melting: the rows of the lead that was merged get the id of the one it became part of, and
-- keep in home_id whose they were (empty: the lead's own). Undoing it puts them back.
ALTER TABLE leads ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';

ALTER TABLE contact_points ADD COLUMN reason TEXT NOT NULL DEFAULT '';

ALTER TABLE contact_points ADD COLUMN marks TEXT NOT NULL DEFAULT '';

ALTER TABLE contact_points ADD COLUMN home_id TEXT NOT NULL DEFAULT '';

ALTER TABLE timeline ADD COLUMN home_id TEXT NOT NULL DEFAULT '';

ALTER TABLE attachments ADD COLUMN home_id TEXT NOT NULL DEFAULT '';

-- bound_from: a withdrawal made while two leads were one binds both; here stands whose event it was.
ALTER TABLE consents ADD COLUMN home_id TEXT NOT NULL DEFAULT '';

ALTER TABLE consents ADD COLUMN bound_from TEXT NOT NULL DEFAULT '';

-- The merges that hold. into_id: the lead it became part of at the time, which may since have been merged itself. seq:
-- the entry of the log that did it.
CREATE TABLE merges (
  workspace_id BIGINT NOT NULL,
  merged_id TEXT NOT NULL,
  into_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  seq BIGINT NOT NULL,
  merged_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, merged_id)
) {{without_rowid}};

CREATE INDEX merges_into ON merges (workspace_id, into_id);

-- Pairs of leads that may be one person, for somebody to decide. first_id is the lesser id.
CREATE TABLE merge_proposals (
  workspace_id BIGINT NOT NULL,
  first_id TEXT NOT NULL,
  second_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  seq BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  proposed_at BIGINT NOT NULL,
  dismissed_at BIGINT,
  PRIMARY KEY (workspace_id, first_id, second_id)
) {{without_rowid}};

CREATE INDEX merge_proposals_of_second ON merge_proposals (workspace_id, second_id);
