"""The catalog queries of pgerp.catalog, one SQL file per kind of object.

Each returns class_id, object_id, column_number (the object's address in pg_depend, for privileges
and comments; class_id 0 = it can have neither), object (its name as a snapshot's key; NULL = that
of the address) and definition. They read the schemas' oids from the setting pgerp.schemas.
"""
