CREATE TABLE judging_acts (
    seq bigint NOT NULL,
    "time" bigint NOT NULL,
    judge text NOT NULL,
    number bigint NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    bundle text NOT NULL,
    fingerprint text NOT NULL,
    book text,
    query_id text NOT NULL,
    product_id text NOT NULL,
    value text NOT NULL,
    link text NOT NULL,
    seconds double precision,
    showing smallint NOT NULL
);
CREATE TABLE judging_books (
    number bigint NOT NULL,
    id text NOT NULL,
    bundle text NOT NULL,
    name text NOT NULL,
    fingerprint text NOT NULL,
    source text NOT NULL,
    by_chance boolean NOT NULL,
    judges integer NOT NULL,
    guidelines text NOT NULL,
    tags text NOT NULL,
    blind boolean NOT NULL,
    "order" text NOT NULL,
    repeats double precision NOT NULL,
    anybody boolean NOT NULL,
    closed boolean NOT NULL
);
CREATE SEQUENCE judging_books_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE judging_books_number_seq OWNED BY judging_books.number;
CREATE TABLE judging_counter (
    id smallint NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT one_counter CHECK ((id = 1))
);
CREATE TABLE judging_judges (
    number bigint NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    role text NOT NULL,
    about text NOT NULL,
    token_hash text
);
CREATE SEQUENCE judging_judges_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE judging_judges_number_seq OWNED BY judging_judges.number;
CREATE TABLE judging_lead_codes (
    hash text NOT NULL,
    expires bigint NOT NULL,
    spent_by text
);
CREATE TABLE judging_pairs (
    book text NOT NULL,
    number bigint NOT NULL,
    query_id text NOT NULL,
    product_id text NOT NULL,
    probability double precision,
    stratum text NOT NULL,
    why text NOT NULL
);
CREATE TABLE judging_schema (
    version_num character varying(32) NOT NULL
);
ALTER TABLE ONLY judging_books ALTER COLUMN number SET DEFAULT nextval('judging_books_number_seq'::regclass);
ALTER TABLE ONLY judging_judges ALTER COLUMN number SET DEFAULT nextval('judging_judges_number_seq'::regclass);
INSERT INTO judging_acts VALUES (1, 1790000000123456, 'a11ce0000001', 1, 'a1', 'label', 'demo', 'f1', NULL, 'q', 'p', 'Exact', '', NULL, 1);
INSERT INTO judging_acts VALUES (2, 1790000000123456, 'a11ce0000001', 2, 'a2', 'note', 'demo', 'f1', 'b', 'q', '', 'it''s a “note”', '/search?q=x', 2.5, 1);
INSERT INTO judging_acts VALUES (3, 1790000000123456, 'b0b000000002', 1, 'b1', 'unrateable', 'demo', 'f2', 'b', 'q', 'p', '', '', NULL, 2);
INSERT INTO judging_acts VALUES (4, 1790000000123456, 'a11ce0000001', 3, 'a3', 'undo', 'demo', 'f2', NULL, 'q', 'p', 'a1', '', NULL, 1);
INSERT INTO judging_books VALUES (1, 'b', 'demo', 'Shoes', 'f', 'at random', false, 1, '', '["picture misleads", "picture missing or poor", "title lacks what is asked", "brand taken for type", "negation missed", "number or size ignored", "accessory instead of the thing", "label wrong", "query unclear"]', true, 'random', 0, true, false);
INSERT INTO judging_counter VALUES (1, 4);
INSERT INTO judging_judges VALUES (1, 'a11ce0000001', 'Ann', 'person', 'judge', '{}', 'a930ae6e5a7e56b9781f9bc43216ad3d760d3ca415f4c357526919034ace7aac');
INSERT INTO judging_judges VALUES (2, 'b0b000000002', 'Bob "<b>" שלום', 'person', 'lead', '{}', '33942db51ba41bad242f1ed9fbad3540c742ce8b7e057688f8275affde9c5d4e');
INSERT INTO judging_judges VALUES (3, '30de10000003', 'model', 'model', 'judge', '{"prompt": "abc"}', NULL);
INSERT INTO judging_pairs VALUES ('b', 0, 'q0', 'p0', NULL, 'shoes', 'rank 0 of fused');
INSERT INTO judging_pairs VALUES ('b', 1, 'q0', 'p1', 0.1, 'shoes', 'rank 1 of fused');
INSERT INTO judging_pairs VALUES ('b', 2, 'q0', 'p2', NULL, 'shoes', 'rank 2 of fused');
INSERT INTO judging_schema VALUES ('0001');
SELECT pg_catalog.setval('judging_books_number_seq', 1, true);
SELECT pg_catalog.setval('judging_judges_number_seq', 3, true);
ALTER TABLE ONLY judging_acts
    ADD CONSTRAINT judging_acts_key_key UNIQUE (key);
ALTER TABLE ONLY judging_acts
    ADD CONSTRAINT judging_acts_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY judging_books
    ADD CONSTRAINT judging_books_id_key UNIQUE (id);
ALTER TABLE ONLY judging_books
    ADD CONSTRAINT judging_books_pkey PRIMARY KEY (number);
ALTER TABLE ONLY judging_counter
    ADD CONSTRAINT judging_counter_pkey PRIMARY KEY (id);
ALTER TABLE ONLY judging_judges
    ADD CONSTRAINT judging_judges_id_key UNIQUE (id);
ALTER TABLE ONLY judging_judges
    ADD CONSTRAINT judging_judges_pkey PRIMARY KEY (number);
ALTER TABLE ONLY judging_judges
    ADD CONSTRAINT judging_judges_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY judging_lead_codes
    ADD CONSTRAINT judging_lead_codes_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY judging_pairs
    ADD CONSTRAINT judging_pairs_pkey PRIMARY KEY (book, number);
ALTER TABLE ONLY judging_schema
    ADD CONSTRAINT judging_schema_pkc PRIMARY KEY (version_num);
CREATE INDEX acts_of_a_book ON judging_acts USING btree (book, seq);
CREATE INDEX acts_of_a_bundle ON judging_acts USING btree (bundle, seq);
CREATE UNIQUE INDEX one_name_a_bundle ON judging_books USING btree (bundle, name);
ALTER TABLE ONLY judging_acts
    ADD CONSTRAINT judging_acts_book_fkey FOREIGN KEY (book) REFERENCES judging_books(id);
ALTER TABLE ONLY judging_acts
    ADD CONSTRAINT judging_acts_judge_fkey FOREIGN KEY (judge) REFERENCES judging_judges(id);
ALTER TABLE ONLY judging_lead_codes
    ADD CONSTRAINT judging_lead_codes_spent_by_fkey FOREIGN KEY (spent_by) REFERENCES judging_judges(id);
ALTER TABLE ONLY judging_pairs
    ADD CONSTRAINT judging_pairs_book_fkey FOREIGN KEY (book) REFERENCES judging_books(id);
