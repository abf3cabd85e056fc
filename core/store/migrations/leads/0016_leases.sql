-- Which lease a message is attempted under: the process that holds the store, and the number of the lease.
ALTER TABLE messages ADD COLUMN lease TEXT NOT NULL DEFAULT '';
