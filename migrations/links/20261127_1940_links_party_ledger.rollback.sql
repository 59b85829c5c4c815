DELETE FROM party.personal_data_tables AS t
WHERE t.is_by_number;
