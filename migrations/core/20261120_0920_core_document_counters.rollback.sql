DROP TABLE core.document_counters;
