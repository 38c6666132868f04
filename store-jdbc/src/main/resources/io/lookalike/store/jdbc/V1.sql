-- One schema for SQLite and PostgreSQL. What differs is written ${so} and filled in by Dialect.

-- One row: what the store is, its last change, and the last numbers that were given.
CREATE TABLE ${in}store (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  last_change BIGINT NOT NULL,
  forgotten BIGINT NOT NULL,
  last_product BIGINT NOT NULL,
  last_sold BIGINT NOT NULL,
  last_purchase BIGINT NOT NULL,
  last_event BIGINT NOT NULL
);

-- A removed product stays for a while, without attributes.
CREATE TABLE ${in}product (
  num ${number} PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  change BIGINT NOT NULL,
  attributes ${json}
);

CREATE INDEX product_change ON ${in}product (change);

CREATE INDEX product_removed ON ${in}product (change) WHERE attributes IS NULL;

-- The vector comes last: in SQLite what follows it is slow to read.
CREATE TABLE ${in}features (
  product BIGINT NOT NULL,
  network INTEGER NOT NULL,
  change BIGINT NOT NULL,
  encoding INTEGER NOT NULL,
  checksum BIGINT NOT NULL,
  picture TEXT,
  vector ${bytes} NOT NULL,
  PRIMARY KEY (product, network)
);

CREATE INDEX features_picture ON ${in}features (picture, network) WHERE picture IS NOT NULL;

-- What was sold, added up.
CREATE TABLE ${in}sold_day (
  product_id TEXT NOT NULL,
  day TEXT NOT NULL,
  pieces BIGINT NOT NULL,
  PRIMARY KEY (product_id, day)
)${clustered};

-- The latest purchases one by one; without a day, all before of the product is forgotten.
CREATE TABLE ${in}sold (
  change BIGINT NOT NULL,
  num BIGINT NOT NULL,
  product_id TEXT NOT NULL,
  day TEXT,
  pieces BIGINT,
  purchase_id TEXT,
  PRIMARY KEY (change, num)
)${clustered};

-- The ids of the latest purchases.
CREATE TABLE ${in}purchase (
  num ${number} PRIMARY KEY,
  id TEXT NOT NULL
);

-- What customers did; without a kind, all before of the customer is erased.
CREATE TABLE ${in}event (
  num ${number} PRIMARY KEY,
  change BIGINT NOT NULL,
  tenant TEXT NOT NULL,
  customer TEXT NOT NULL,
  kind TEXT,
  product_id TEXT,
  at_second BIGINT,
  at_nano INTEGER,
  event_id TEXT,
  fingerprint ${bytes} NOT NULL UNIQUE
);

CREATE INDEX event_change ON ${in}event (change);

CREATE INDEX event_customer ON ${in}event (customer, tenant);

CREATE INDEX event_time ON ${in}event (at_second, at_nano);

CREATE INDEX event_erased ON ${in}event (change) WHERE kind IS NULL;

CREATE TABLE ${in}manifest (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE ${in}transform (
  network INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  rule TEXT NOT NULL,
  description TEXT NOT NULL,
  checksum BIGINT NOT NULL,
  body ${bytes} NOT NULL
);

-- Ids too long for an index, by what stands for them.
CREATE TABLE ${in}long_text (
  short TEXT PRIMARY KEY,
  text TEXT NOT NULL
);
