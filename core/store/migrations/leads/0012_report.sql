-- What reports group leads by, as far as it stood in JSON or in the timeline only. channel: by which the lead was
-- captured. first_, last_: of the first and the last touch with attribution; empty: there is none.
ALTER TABLE leads ADD COLUMN channel TEXT NOT NULL DEFAULT '';

ALTER TABLE leads ADD COLUMN first_channel TEXT NOT NULL DEFAULT '';

ALTER TABLE leads ADD COLUMN first_source TEXT NOT NULL DEFAULT '';

ALTER TABLE leads ADD COLUMN first_campaign TEXT NOT NULL DEFAULT '';

ALTER TABLE leads ADD COLUMN last_channel TEXT NOT NULL DEFAULT '';

ALTER TABLE leads ADD COLUMN last_source TEXT NOT NULL DEFAULT '';

ALTER TABLE leads ADD COLUMN last_campaign TEXT NOT NULL DEFAULT '';

-- What the team did to a lead captures it only where nothing else did.
UPDATE leads SET channel = COALESCE((SELECT t.channel FROM timeline t WHERE t.workspace_id = leads.workspace_id AND
  t.lead_id = leads.id AND t.superseded_by IS NULL
  ORDER BY CASE WHEN t.channel = 'leadhub' THEN 1 ELSE 0 END, t.occurred_at, t.seq, t.idx LIMIT 1), '');

UPDATE leads SET
  first_channel = COALESCE({{json_text first_touch channel}}, ''),
  first_source = SUBSTR(COALESCE({{json_text first_touch attribution utm_source}}, ''), 1, 200),
  first_campaign = SUBSTR(COALESCE({{json_text first_touch attribution utm_campaign}}, ''), 1, 200)
  WHERE first_touch <> '';

UPDATE leads SET
  last_channel = COALESCE({{json_text last_touch channel}}, ''),
  last_source = SUBSTR(COALESCE({{json_text last_touch attribution utm_source}}, ''), 1, 200),
  last_campaign = SUBSTR(COALESCE({{json_text last_touch attribution utm_campaign}}, ''), 1, 200)
  WHERE last_touch <> '';

-- All that reports read of a lead: a report is one walk through a part of this, 60 ms for a million leads. merged_into
-- is a column of it and no condition, because SQLite 3.40 goes back to the table for the columns of a partial index's
-- condition: seven times as slow.
CREATE INDEX leads_for_reports ON leads (workspace_id, captured_at, merged_into, registered_at, developing_at,
  converted_at, customer_at, lost_at, recycled_at, assigned_at, owner, channel, first_channel, first_source,
  first_campaign, last_channel, last_source, last_campaign);
