DROP TABLE identity.payment_tills;
DROP TABLE identity.business_settings;
