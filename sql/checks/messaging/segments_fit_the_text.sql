-- An SMS is billed as many times as its text needs
SELECT
    m.tenant_id,
    m.id AS message_id,
    m.segments,
    s.segments AS wanted
FROM messaging.messages AS m
CROSS JOIN LATERAL messaging.sms_segments(m.body) AS s
WHERE m.channel = 'sms' AND m.body IS NOT NULL AND m.segments <> s.segments;
