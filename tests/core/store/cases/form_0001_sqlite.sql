BEGIN TRANSACTION;
CREATE TABLE judging_acts (
	seq INTEGER NOT NULL, 
	time BIGINT NOT NULL, 
	judge TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	bundle TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	book TEXT, 
	query_id TEXT NOT NULL, 
	product_id TEXT NOT NULL, 
	value TEXT NOT NULL, 
	link TEXT NOT NULL, 
	seconds FLOAT, 
	showing SMALLINT NOT NULL, 
	PRIMARY KEY (seq), 
	FOREIGN KEY(judge) REFERENCES judging_judges (id), 
	UNIQUE ("key"), 
	FOREIGN KEY(book) REFERENCES judging_books (id)
);
INSERT INTO "judging_acts" VALUES(1,1790000000123456,'a11ce0000001',1,'a1','label','demo','f1',NULL,'q','p','Exact','',NULL,1);
INSERT INTO "judging_acts" VALUES(2,1790000000123456,'a11ce0000001',2,'a2','note','demo','f1','b','q','','it''s a “note”','/search?q=x',2.5,1);
INSERT INTO "judging_acts" VALUES(3,1790000000123456,'b0b000000002',1,'b1','unrateable','demo','f2','b','q','p','','',NULL,2);
INSERT INTO "judging_acts" VALUES(4,1790000000123456,'a11ce0000001',3,'a3','undo','demo','f2',NULL,'q','p','a1','',NULL,1);
CREATE TABLE judging_books (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	bundle TEXT NOT NULL, 
	name TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	source TEXT NOT NULL, 
	by_chance BOOLEAN NOT NULL, 
	judges INTEGER NOT NULL, 
	guidelines TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	blind BOOLEAN NOT NULL, 
	"order" TEXT NOT NULL, 
	repeats FLOAT NOT NULL, 
	anybody BOOLEAN NOT NULL, 
	closed BOOLEAN NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id)
);
INSERT INTO "judging_books" VALUES(1,'b','demo','Shoes','f','at random',0,1,'','["picture misleads", "picture missing or poor", "title lacks what is asked", "brand taken for type", "negation missed", "number or size ignored", "accessory instead of the thing", "label wrong", "query unclear"]',1,'random',0.0,1,0);
CREATE TABLE judging_counter (
	id SMALLINT NOT NULL CONSTRAINT one_counter CHECK (id = 1), 
	last BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "judging_counter" VALUES(1,4);
CREATE TABLE judging_judges (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	role TEXT NOT NULL, 
	about TEXT NOT NULL, 
	token_hash TEXT, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	UNIQUE (token_hash)
);
INSERT INTO "judging_judges" VALUES(1,'a11ce0000001','Ann','person','judge','{}','a930ae6e5a7e56b9781f9bc43216ad3d760d3ca415f4c357526919034ace7aac');
INSERT INTO "judging_judges" VALUES(2,'b0b000000002','Bob "<b>" שלום','person','lead','{}','33942db51ba41bad242f1ed9fbad3540c742ce8b7e057688f8275affde9c5d4e');
INSERT INTO "judging_judges" VALUES(3,'30de10000003','model','model','judge','{"prompt": "abc"}',NULL);
CREATE TABLE judging_lead_codes (
	hash TEXT NOT NULL, 
	expires BIGINT NOT NULL, 
	spent_by TEXT, 
	PRIMARY KEY (hash), 
	FOREIGN KEY(spent_by) REFERENCES judging_judges (id)
);
CREATE TABLE judging_pairs (
	book TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	query_id TEXT NOT NULL, 
	product_id TEXT NOT NULL, 
	probability FLOAT, 
	stratum TEXT NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (book, number), 
	FOREIGN KEY(book) REFERENCES judging_books (id)
)
 WITHOUT ROWID

;
INSERT INTO "judging_pairs" VALUES('b',0,'q0','p0',NULL,'shoes','rank 0 of fused');
INSERT INTO "judging_pairs" VALUES('b',1,'q0','p1',0.1,'shoes','rank 1 of fused');
INSERT INTO "judging_pairs" VALUES('b',2,'q0','p2',NULL,'shoes','rank 2 of fused');
CREATE TABLE judging_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT judging_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "judging_schema" VALUES('0001');
CREATE UNIQUE INDEX one_name_a_bundle ON judging_books (bundle, name);
CREATE INDEX acts_of_a_bundle ON judging_acts (bundle, seq);
CREATE INDEX acts_of_a_book ON judging_acts (book, seq);
COMMIT;
