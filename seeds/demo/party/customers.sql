-- Five customers of tenant Demo, shared by its businesses. Without phone numbers: those are
-- encrypted, by keys that a seed does not have.
INSERT INTO identity.tenants AS t (name)
VALUES ('Demo')
ON CONFLICT (name) DO NOTHING;

SELECT set_config('pgerp.tenant_id', t.id::text, true)
FROM identity.tenants AS t
WHERE t.name = 'Demo';

INSERT INTO party.customers (
    tenant_id, customer_no, kind, display_name, given_name, family_name, organisation_name, email
)
SELECT
    current_setting('pgerp.tenant_id')::integer AS tenant_id,
    c.customer_no,
    c.kind::party.customer_kind,
    coalesce(c.organisation_name, c.given_name || ' ' || c.family_name) AS display_name,
    c.given_name,
    c.family_name,
    c.organisation_name,
    c.email
FROM (
    VALUES
    ('C000001', 'person', 'Wanjiku', 'Kamau', NULL, 'wanjiku@example.com'),
    ('C000002', 'person', 'Otieno', 'Ochieng', NULL, 'otieno@example.com'),
    ('C000003', 'person', 'Amina', 'Hassan', NULL, NULL),
    ('C000004', 'person', 'Kiprono', 'Cheruiyot', NULL, NULL),
    ('C000005', 'organisation', NULL, NULL, 'Baobab Guest House', 'office@baobab.example')
) AS c (customer_no, kind, given_name, family_name, organisation_name, email)
ON CONFLICT (tenant_id, customer_no) DO NOTHING;
