-- Numbers the log anew after a restore into another cluster: transaction 0 for all, positions by rank, cursors alike.
SET LOCAL es.maintenance = 'on';
LOCK TABLE es_events IN ACCESS EXCLUSIVE MODE;

CREATE TEMPORARY TABLE es_rank ON COMMIT DROP AS
  SELECT e.tx, e.position, row_number() OVER (ORDER BY e.tx, e.position) AS n FROM es_events e;
CREATE UNIQUE INDEX ON es_rank (tx, position);
ANALYZE es_rank;

DO $$
DECLARE cursors text;
BEGIN
  FOR cursors IN
    SELECT c.table_name FROM information_schema.columns c
    JOIN information_schema.columns p USING (table_schema, table_name)
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = current_schema() AND c.column_name = 'tx' AND p.column_name = 'position'
      AND t.table_type = 'BASE TABLE' AND table_name NOT LIKE 'es\_events%'
  LOOP
    EXECUTE format(
      'UPDATE %I c SET tx = 0, position = coalesce(
         (SELECT r.n FROM es_rank r WHERE (r.tx, r.position) <= (c.tx, c.position)
          ORDER BY r.tx DESC, r.position DESC LIMIT 1), 0)', cursors);
  END LOOP;
END $$;

UPDATE es_events e SET tx = 0, position = r.n FROM es_rank r WHERE e.tx = r.tx AND e.position = r.position;
SELECT setval('es_position', greatest((SELECT count(*) FROM es_events), 1), (SELECT count(*) FROM es_events) > 0);
