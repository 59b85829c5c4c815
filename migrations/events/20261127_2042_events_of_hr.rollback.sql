DELETE FROM events.subscriptions AS s
WHERE s.event_type LIKE 'hr.employee_%';
DELETE FROM events.event_types AS t
WHERE t.code LIKE 'hr.employee_%';
