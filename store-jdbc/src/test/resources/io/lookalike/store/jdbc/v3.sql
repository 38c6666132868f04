CREATE SCHEMA lookalike;
CREATE TABLE lookalike.event (
    num bigint NOT NULL,
    change bigint NOT NULL,
    tenant text NOT NULL,
    customer text NOT NULL,
    kind text,
    product_id text,
    at_second bigint,
    at_nano integer,
    event_id text,
    fingerprint bytea NOT NULL
);
CREATE TABLE lookalike.features (
    product bigint NOT NULL,
    network integer NOT NULL,
    change bigint NOT NULL,
    encoding integer NOT NULL,
    checksum bigint NOT NULL,
    picture text,
    vector bytea NOT NULL
);
CREATE TABLE lookalike.long_text (
    short text NOT NULL,
    text text NOT NULL
);
CREATE TABLE lookalike.manifest (
    name text NOT NULL,
    value text NOT NULL
);
CREATE TABLE lookalike.product (
    num bigint NOT NULL,
    id text NOT NULL,
    change bigint NOT NULL,
    attributes json
);
CREATE TABLE lookalike.purchase (
    num bigint NOT NULL,
    id text NOT NULL
);
CREATE TABLE lookalike.sold (
    change bigint NOT NULL,
    num bigint NOT NULL,
    product_id text NOT NULL,
    day text,
    pieces bigint,
    purchase_id text
);
CREATE TABLE lookalike.sold_day (
    product_id text NOT NULL,
    day text NOT NULL,
    pieces bigint NOT NULL
);
CREATE TABLE lookalike.store (
    one integer NOT NULL,
    id text NOT NULL,
    schema_version integer NOT NULL,
    last_change bigint NOT NULL,
    forgotten bigint NOT NULL,
    last_product bigint NOT NULL,
    last_sold bigint NOT NULL,
    last_purchase bigint NOT NULL,
    last_event bigint NOT NULL,
    CONSTRAINT store_one_check CHECK ((one = 1))
);
CREATE TABLE lookalike.transform (
    network integer NOT NULL,
    version integer NOT NULL,
    rule text NOT NULL,
    description text NOT NULL,
    checksum bigint NOT NULL,
    body bytea NOT NULL
);
INSERT INTO lookalike.event VALUES (1, 2, '', 'anna', 'VIEWED', 'dress', 1709294400, 123456789, NULL, '\x8aede5c4a84b1a419fcbd727cbfa538ae118c4fba3ec376a4643692e82926940');
INSERT INTO lookalike.event VALUES (2, 2, 'shop', 'ben', 'BOUGHT', 'shirt', 1709294400, 123456789, 'e1', '\x6ca3ebf01b0ab0c273edc5fcaebc63541a1be92c1cad33187b448e11ae5d76ad');
INSERT INTO lookalike.event VALUES (4, 2, '', '6116534b91aed34d86c4e70e3aab9e0a08a35b84ebde6ef33a7bab541d0c7866', NULL, NULL, NULL, NULL, NULL, '\x2afe1dd2d67af7f894d21195423a9522e4d3441869dc1043c0a4b4da176708fe');
INSERT INTO lookalike.features VALUES (1, 1, 1, 0, 2762206403, '0000000000000000000000000000000000000000000000000000000000000001', '\x0000803fcdcccc3d000040c0');
INSERT INTO lookalike.features VALUES (2, 1, 1, 0, 4017174150, '0000000000000000000000000000000000000000000000000000000000000002', '\x00000040cdcccc3d000040c0');
INSERT INTO lookalike.features VALUES (5, 1, 1, 0, 2347337579, '0000000000000000000000000000000000000000000000000000000000000005', '\x0000a040cdcccc3d000040c0');
INSERT INTO lookalike.features VALUES (1, 2, 2, 0, 2532980434, '0000000000000000000000000000000000000000000000000000000000000009', '\x00001041cdcccc3d000040c0');
INSERT INTO lookalike.long_text VALUES ('\#51da417295442ac5a58437ea7c633c5a42ea53cf3b391295054634d63abef2ee', 'long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long id');
INSERT INTO lookalike.manifest VALUES ('network', '1');
INSERT INTO lookalike.manifest VALUES ('network.1.dimension', '3');
INSERT INTO lookalike.product VALUES (1, 'dress', 1, '{"category":"dresses","code":9007199254740993,"color":"red","name":"Dress \"A\\\\B\" 👗 a\\0b","price":59.99,"sale":true,"since":{"instant":"2024-03-01T12:00:00.123456789Z"},"sizes":["L","M","S"],"stock":3}');
INSERT INTO lookalike.product VALUES (2, 'shirt', 1, '{"color":"blue","stock":0}');
INSERT INTO lookalike.product VALUES (3, 'hat', 1, '{"color":"red","stock":9}');
INSERT INTO lookalike.product VALUES (5, '\#51da417295442ac5a58437ea7c633c5a42ea53cf3b391295054634d63abef2ee', 1, '{}');
INSERT INTO lookalike.product VALUES (4, 'gone', 2, NULL);
INSERT INTO lookalike.purchase VALUES (1, 'order-1');
INSERT INTO lookalike.purchase VALUES (2, 'order-2');
INSERT INTO lookalike.purchase VALUES (3, '\#51da417295442ac5a58437ea7c633c5a42ea53cf3b391295054634d63abef2ee');
INSERT INTO lookalike.purchase VALUES (4, 'back-1');
INSERT INTO lookalike.sold VALUES (1, 1, 'dress', '2024-03-01', 2, 'order-1');
INSERT INTO lookalike.sold VALUES (1, 2, 'dress', '2024-03-02', 5, 'order-2');
INSERT INTO lookalike.sold VALUES (1, 3, 'shirt', '2024-03-01', 1, NULL);
INSERT INTO lookalike.sold VALUES (1, 4, 'hat', '2024-03-01', 7, '\#51da417295442ac5a58437ea7c633c5a42ea53cf3b391295054634d63abef2ee');
INSERT INTO lookalike.sold VALUES (2, 5, 'hat', NULL, NULL, NULL);
INSERT INTO lookalike.sold VALUES (2, 6, 'dress', '2024-03-03', -1, 'back-1');
INSERT INTO lookalike.sold_day VALUES ('dress', '2024-03-01', 2);
INSERT INTO lookalike.sold_day VALUES ('dress', '2024-03-02', 5);
INSERT INTO lookalike.sold_day VALUES ('shirt', '2024-03-01', 1);
INSERT INTO lookalike.sold_day VALUES ('dress', '2024-03-03', -1);
INSERT INTO lookalike.store VALUES (1, '8680a90a-d065-448c-a989-e64e39093f28', 3, 2, 0, 5, 6, 4, 4);
INSERT INTO lookalike.transform VALUES (1, 1, 'pca', 'to 2 dimensions', 4046516766, '\x010203');
ALTER TABLE ONLY lookalike.event
    ADD CONSTRAINT event_fingerprint_key UNIQUE (fingerprint);
ALTER TABLE ONLY lookalike.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (num);
ALTER TABLE ONLY lookalike.features
    ADD CONSTRAINT features_pkey PRIMARY KEY (product, network);
ALTER TABLE ONLY lookalike.long_text
    ADD CONSTRAINT long_text_pkey PRIMARY KEY (short);
ALTER TABLE ONLY lookalike.manifest
    ADD CONSTRAINT manifest_pkey PRIMARY KEY (name);
ALTER TABLE ONLY lookalike.product
    ADD CONSTRAINT product_id_key UNIQUE (id);
ALTER TABLE ONLY lookalike.product
    ADD CONSTRAINT product_pkey PRIMARY KEY (num);
ALTER TABLE ONLY lookalike.purchase
    ADD CONSTRAINT purchase_pkey PRIMARY KEY (num);
ALTER TABLE ONLY lookalike.sold_day
    ADD CONSTRAINT sold_day_pkey PRIMARY KEY (product_id, day);
ALTER TABLE ONLY lookalike.sold
    ADD CONSTRAINT sold_pkey PRIMARY KEY (change, num);
ALTER TABLE ONLY lookalike.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (one);
ALTER TABLE ONLY lookalike.transform
    ADD CONSTRAINT transform_pkey PRIMARY KEY (network);
CREATE INDEX event_bought ON lookalike.event USING btree (at_second, at_nano) WHERE (kind = 'BOUGHT'::text);
CREATE INDEX event_change ON lookalike.event USING btree (change);
CREATE INDEX event_customer ON lookalike.event USING btree (customer, tenant);
CREATE INDEX event_erased ON lookalike.event USING btree (change) WHERE (kind IS NULL);
CREATE INDEX event_time ON lookalike.event USING btree (at_second, at_nano) WHERE (kind <> 'BOUGHT'::text);
CREATE INDEX features_picture ON lookalike.features USING btree (picture, network) WHERE (picture IS NOT NULL);
CREATE INDEX product_change ON lookalike.product USING btree (change);
CREATE INDEX product_removed ON lookalike.product USING btree (change) WHERE (attributes IS NULL);
