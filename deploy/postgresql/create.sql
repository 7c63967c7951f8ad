-- The shop's role and database, for `psql --file` as the user postgres. Run it twice and it changes
-- nothing. The role has no password: on one machine the system's user "storefront" is believed
-- ("peer"). For a database on another machine give it one with \password storefront.
SELECT 'CREATE ROLE storefront LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'storefront') \gexec

-- UTF-8 whatever the machine's language is: a Debian without one would make it SQL_ASCII.
SELECT $$CREATE DATABASE storefront OWNER storefront TEMPLATE template0
    ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'$$
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'storefront') \gexec

-- Nobody else on this server has any business in it.
REVOKE ALL ON DATABASE storefront FROM PUBLIC;
