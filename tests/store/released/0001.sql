BEGIN TRANSACTION;
CREATE TABLE account (
	account TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT account_pk PRIMARY KEY (account)
);
INSERT INTO "account" VALUES('main',1,'{"unmapped":[["status","SNOOZED"]]}');
CREATE TABLE alembic_version (
	version_num TEXT NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE app (
	account TEXT NOT NULL, 
	appkey TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	last_success BIGINT, 
	digest BLOB NOT NULL, 
	described TEXT NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT app_pk PRIMARY KEY (account, appkey)
);
INSERT INTO "app" VALUES('main','jh42xxxd434',16,1700000900000,X'30303030303031373030303030393030','{"account":"main","appkey":"jh42xxxd434","name":"shop-one","interval_ms":null,"labels":[]}','{"baselined":true,"due_at":1700604980000}');
INSERT INTO "app" VALUES('main','jh43xxxd435',8,1700000000000,X'30303030303031373030303030303030','{"account":"main","appkey":"jh43xxxd435","name":"shop-two","interval_ms":30000,"labels":[["team","emea"]]}','{"baselined":true,"failures":7,"failure":{"started":1700000420000,"reason":"timeout","code":"","text":"no answer within 10 s","held_off":false},"failing_since":1700000060000,"unreachable":true}');
CREATE TABLE delivery (
	sequence INTEGER NOT NULL, 
	sink TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	state TEXT NOT NULL, 
	due BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	claimed_until BIGINT, 
	reason TEXT NOT NULL, 
	CONSTRAINT delivery_pk PRIMARY KEY (sequence, sink), 
	CONSTRAINT delivery_event_fk FOREIGN KEY(sequence) REFERENCES event (sequence) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "delivery" VALUES(1,'ops','jh42xxxd434','dead',1700000000000,1,NULL,'HTTP 400');
INSERT INTO "delivery" VALUES(1,'stdout','jh42xxxd434','done',1700000000000,0,NULL,'');
INSERT INTO "delivery" VALUES(2,'ops','jh43xxxd435','open',1700000930000,1,NULL,'HTTP 503');
INSERT INTO "delivery" VALUES(2,'stdout','jh43xxxd435','done',1700000000000,0,NULL,'');
INSERT INTO "delivery" VALUES(3,'ops','+8613800000002','open',1700000060000,0,NULL,'');
INSERT INTO "delivery" VALUES(3,'stdout','+8613800000002','done',1700000060000,0,NULL,'');
INSERT INTO "delivery" VALUES(4,'ops','+8613800000001','open',1700000120000,0,NULL,'');
INSERT INTO "delivery" VALUES(4,'stdout','+8613800000001','done',1700000120000,0,NULL,'');
INSERT INTO "delivery" VALUES(5,'ops','+8613800000001','open',1700000180000,0,NULL,'');
INSERT INTO "delivery" VALUES(5,'stdout','+8613800000001','open',1700000180000,0,NULL,'');
INSERT INTO "delivery" VALUES(6,'ops','116960000086404','open',1700000180000,0,NULL,'');
INSERT INTO "delivery" VALUES(6,'stdout','116960000086404','done',1700000180000,0,NULL,'');
INSERT INTO "delivery" VALUES(7,'ops','jh43xxxd435','open',1700000180000,0,NULL,'');
INSERT INTO "delivery" VALUES(7,'stdout','jh43xxxd435','open',1700000180000,0,NULL,'');
INSERT INTO "delivery" VALUES(8,'ops','main','open',1700000540000,0,NULL,'');
INSERT INTO "delivery" VALUES(8,'stdout','main','done',1700000540000,0,NULL,'');
INSERT INTO "delivery" VALUES(9,'ops','+8613800000003','open',1700000720000,0,NULL,'');
INSERT INTO "delivery" VALUES(9,'stdout','+8613800000003','done',1700000720000,0,NULL,'');
CREATE TABLE entry (
	account TEXT NOT NULL, 
	appkey TEXT NOT NULL, 
	waba_id TEXT NOT NULL, 
	number TEXT NOT NULL, 
	gone_at BIGINT, 
	state TEXT NOT NULL, 
	CONSTRAINT entry_pk PRIMARY KEY (account, appkey, waba_id, number), 
	CONSTRAINT entry_app_fk FOREIGN KEY(account, appkey) REFERENCES app (account, appkey) ON DELETE CASCADE
);
INSERT INTO "entry" VALUES('main','jh42xxxd434','116960000086404','+8613800000001',NULL,'{"now":["+8613800000001","116960000086404","GLORY TEST","GLORY JACK","RED","CONNECTED","TIER_10K","APPROVED","VERIFIED","5"],"told":["\u0000","","","","","","","","",""],"since":[1700000180000,1700000000000,1700000000000],"told_since":[-1,-1,-1],"first_seen":1700000000000,"severity":3,"marks":{"bad":["quality_rating"]}}');
INSERT INTO "entry" VALUES('main','jh42xxxd434','116960000086404','+8613800000002',NULL,'{"now":["+8613800000002","116960000086404","GLORY TEST","GLORY é中","GREEN","CONNECTED","TIER_250","APPROVED","VERIFIED","5"],"told":["\u0000","","","","","","","","",""],"since":[1700000000000,1700000000000,1700000180000],"told_since":[-1,-1,-1],"first_seen":1700000000000,"severity":1,"marks":{"changed_at":{"verified_name":1700000060000},"bad":["tier"],"tier_before_drop":"TIER_1K","tier_dropped_at":1700000180000}}');
INSERT INTO "entry" VALUES('main','jh42xxxd434','116960000086404','+8613800000003',1700000720000,'{"entry":{"now":["+8613800000003","116960000086404","GLORY TEST","GLORY JACK","GREEN","CONNECTED","TIER_10K","APPROVED","VERIFIED","5"],"told":["\u0000","","","","","","","","",""],"since":[1700000000000,1700000000000,1700000000000],"told_since":[-1,-1,-1],"first_seen":1700000000000,"severity":1},"gone_at":1700000720000}');
INSERT INTO "entry" VALUES('main','jh43xxxd435','116960000086404','+447700900001',NULL,'{"now":["+447700900001","116960000086404","GLORY TEST","GLORY JACK","RED","CONNECTED","TIER_10K","APPROVED","VERIFIED","5"],"told":["\u0000","","","","","","","","",""],"since":[1700000000000,1700000000000,1700000000000],"told_since":[-1,-1,-1],"first_seen":1700000000000,"severity":3,"marks":{"bad":["quality_rating"]}}');
CREATE TABLE event (
	sequence INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	time BIGINT NOT NULL, 
	type TEXT NOT NULL, 
	account TEXT NOT NULL, 
	appkey TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT event_pk PRIMARY KEY (sequence), 
	CONSTRAINT event_id UNIQUE (id)
);
INSERT INTO "event" VALUES(1,'9912cac9-ca97-520a-991b-39ac9ee0444e',1700000000000,'app.baseline','main','jh42xxxd434','jh42xxxd434','{"specversion":"1.0","id":"9912cac9-ca97-520a-991b-39ac9ee0444e","source":"/accounts/main/apps/jh42xxxd434","type":"app.baseline","subject":"jh42xxxd434","time":"2023-11-14T22:13:20.000Z","sequence":"00000000000000000001","datacontenttype":"application/json","data":{"account":"main","appkey":"jh42xxxd434","app_name":"shop-one","labels":{},"severity":"info","numbers":3,"counts":{"quality_rating":{"GREEN":3},"status":{"CONNECTED":3},"tier":{"TIER_10K":2,"TIER_1K":1}},"degraded":[],"degraded_count":0,"incidents":[],"hint_id":"app.baseline","hint":"The app is watched from now on: look at the numbers that are already in trouble."}}');
INSERT INTO "event" VALUES(2,'271d203e-3122-530c-befe-9d9f11ec08fd',1700000000000,'app.baseline','main','jh43xxxd435','jh43xxxd435','{"specversion":"1.0","id":"271d203e-3122-530c-befe-9d9f11ec08fd","source":"/accounts/main/apps/jh43xxxd435","type":"app.baseline","subject":"jh43xxxd435","time":"2023-11-14T22:13:20.000Z","sequence":"00000000000000000002","datacontenttype":"application/json","data":{"account":"main","appkey":"jh43xxxd435","app_name":"shop-two","labels":{"team":"emea"},"severity":"warning","numbers":1,"counts":{"quality_rating":{"RED":1},"status":{"CONNECTED":1},"tier":{"TIER_10K":1}},"degraded":[{"number":"+447700900001","waba_id":"116960000086404","quality_rating":"RED","status":"CONNECTED","severity":"critical"}],"degraded_count":1,"incidents":[{"id":"main/+447700900001/quality_rating","action":"open"}],"hint_id":"app.baseline","hint":"The app is watched from now on: look at the numbers that are already in trouble."}}');
INSERT INTO "event" VALUES(3,'cfd4de10-bd5d-5154-b78d-ca3a15354658',1700000060000,'number.changed','main','jh42xxxd434','+8613800000002','{"specversion":"1.0","id":"cfd4de10-bd5d-5154-b78d-ca3a15354658","source":"/accounts/main/apps/jh42xxxd434","type":"number.changed","subject":"+8613800000002","time":"2023-11-14T22:14:20.000Z","sequence":"00000000000000000003","datacontenttype":"application/json","data":{"account":"main","appkey":"jh42xxxd434","app_name":"shop-one","labels":{},"number":"+8613800000002","waba_id":"116960000086404","waba_name":"GLORY TEST","verified_name":"GLORY é中","attribute":"verified_name","before":"GLORY JACK","after":"GLORY é中","severity":"info","before_since":"2023-11-14T22:13:20.000Z","last_seen_before":"2023-11-14T22:13:20.000Z","state":{"quality_rating":"GREEN","status":"CONNECTED","tier":"TIER_1K"},"hint_id":"name.changed","hint":"The display name changed: confirm it; after an approved rename register the number again within 14 days.","incident":null}}');
INSERT INTO "event" VALUES(4,'d0d8e6ec-3bf5-5de0-8627-7089bef411f1',1700000120000,'number.degraded','main','jh42xxxd434','+8613800000001','{"specversion":"1.0","id":"d0d8e6ec-3bf5-5de0-8627-7089bef411f1","source":"/accounts/main/apps/jh42xxxd434","type":"number.degraded","subject":"+8613800000001","time":"2023-11-14T22:15:20.000Z","sequence":"00000000000000000004","datacontenttype":"application/json","data":{"account":"main","appkey":"jh42xxxd434","app_name":"shop-one","labels":{},"number":"+8613800000001","waba_id":"116960000086404","waba_name":"GLORY TEST","verified_name":"GLORY JACK","attribute":"quality_rating","before":"GREEN","after":"YELLOW","severity":"warning","before_since":"2023-11-14T22:13:20.000Z","last_seen_before":"2023-11-14T22:14:20.000Z","state":{"quality_rating":"YELLOW","status":"CONNECTED","tier":"TIER_10K"},"hint_id":"quality.yellow","hint":"Quality is medium: slow down marketing and look at the newest templates and audiences.","incident":{"id":"main/+8613800000001/quality_rating","action":"open"}}}');
INSERT INTO "event" VALUES(5,'a0a254aa-7959-5706-b9b6-c901bd01d6ac',1700000180000,'number.degraded','main','jh42xxxd434','+8613800000001','{"specversion":"1.0","id":"a0a254aa-7959-5706-b9b6-c901bd01d6ac","source":"/accounts/main/apps/jh42xxxd434","type":"number.degraded","subject":"+8613800000001","time":"2023-11-14T22:16:20.000Z","sequence":"00000000000000000005","datacontenttype":"application/json","data":{"account":"main","appkey":"jh42xxxd434","app_name":"shop-one","labels":{},"number":"+8613800000001","waba_id":"116960000086404","waba_name":"GLORY TEST","verified_name":"GLORY JACK","attribute":"quality_rating","before":"YELLOW","after":"RED","severity":"critical","before_since":"2023-11-14T22:15:20.000Z","last_seen_before":"2023-11-14T22:15:20.000Z","state":{"quality_rating":"RED","status":"CONNECTED","tier":"TIER_10K"},"hint_id":"quality.red","hint":"Quality is low: stop marketing templates from this number today, keep replies running, review opt-in and the templates of the last 7 days, then resume in small batches.","incident":{"id":"main/+8613800000001/quality_rating","action":"update"}}}');
INSERT INTO "event" VALUES(6,'eaf53adf-6530-5f02-bb84-1194982dddb5',1700000180000,'waba.tier_lowered','main','jh42xxxd434','116960000086404','{"specversion":"1.0","id":"eaf53adf-6530-5f02-bb84-1194982dddb5","source":"/accounts/main/apps/jh42xxxd434","type":"waba.tier_lowered","subject":"116960000086404","time":"2023-11-14T22:16:20.000Z","sequence":"00000000000000000006","datacontenttype":"application/json","data":{"account":"main","appkey":"jh42xxxd434","app_name":"shop-one","labels":{},"waba_id":"116960000086404","waba_name":"GLORY TEST","attribute":"tier","before":"TIER_1K","after":"TIER_250","severity":"warning","before_since":"2023-11-14T22:13:20.000Z","last_seen_before":"2023-11-14T22:15:20.000Z","numbers":["+8613800000002"],"hint_id":"tier.lowered","hint":"The messaging limit is lower (unique recipients in 24 hours, shared by the business portfolio): plan campaigns by the new limit and look for a policy notice.","incident":{"id":"main/116960000086404/tier","action":"open"}}}');
INSERT INTO "event" VALUES(7,'653cbbe7-9062-5a7b-ac77-f222c14b0631',1700000180000,'app.unreachable','main','jh43xxxd435','jh43xxxd435','{"specversion":"1.0","id":"653cbbe7-9062-5a7b-ac77-f222c14b0631","source":"/accounts/main/apps/jh43xxxd435","type":"app.unreachable","subject":"jh43xxxd435","time":"2023-11-14T22:16:20.000Z","sequence":"00000000000000000007","datacontenttype":"application/json","data":{"account":"main","appkey":"jh43xxxd435","app_name":"shop-two","labels":{"team":"emea"},"severity":"warning","reason":"timeout","code":"","text":"no answer within 10 s","failures":3,"since":"2023-11-14T22:14:20.000Z","last_success":"2023-11-14T22:13:20.000Z","hint_id":"unreachable.timeout","hint":"The vendor does not answer in time: check the network and the proxy, or raise poll.timeout."}}');
INSERT INTO "event" VALUES(8,'b8f4699a-affb-54b8-90b3-843cdf1503a3',1700000540000,'vendor.unmapped','main','','main','{"specversion":"1.0","id":"b8f4699a-affb-54b8-90b3-843cdf1503a3","source":"/accounts/main","type":"vendor.unmapped","subject":"main","time":"2023-11-14T22:22:20.000Z","sequence":"00000000000000000008","datacontenttype":"application/json","data":{"account":"main","severity":"warning","attribute":"status","word":"SNOOZED","seen_in":{"appkey":"jh42xxxd434","waba_id":"116960000086404","number":"+8613800000002"},"hint_id":"vendor.unmapped","hint":"The vendor uses a word that nobody documented: it counts as unknown; look for a newer version or report it."}}');
INSERT INTO "event" VALUES(9,'41a911e3-d12d-5c36-9a92-12944bc22dc2',1700000720000,'number.removed','main','jh42xxxd434','+8613800000003','{"specversion":"1.0","id":"41a911e3-d12d-5c36-9a92-12944bc22dc2","source":"/accounts/main/apps/jh42xxxd434","type":"number.removed","subject":"+8613800000003","time":"2023-11-14T22:25:20.000Z","sequence":"00000000000000000009","datacontenttype":"application/json","data":{"account":"main","appkey":"jh42xxxd434","app_name":"shop-one","labels":{},"number":"+8613800000003","waba_id":"116960000086404","waba_name":"GLORY TEST","verified_name":"GLORY JACK","attribute":null,"before":null,"after":null,"severity":"warning","before_since":null,"last_seen_before":"2023-11-14T22:14:20.000Z","state":{"quality_rating":"GREEN","status":"CONNECTED","tier":"TIER_10K"},"hint_id":"number.removed","hint":"The number is no longer in this app''s list: confirm with the customer that this was meant.","incidents":[],"reason":"missing"}}');
CREATE TABLE meta (
	store_id TEXT NOT NULL, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT meta_pk PRIMARY KEY (store_id)
);
INSERT INTO "meta" VALUES('9b5c6f0e-1d2a-4c3b-8e4f-5a6b7c8d9e0f',9);
CREATE TABLE occurrence (
	identity BLOB NOT NULL, 
	events BIGINT NOT NULL, 
	CONSTRAINT occurrence_pk PRIMARY KEY (identity)
)
 WITHOUT ROWID

;
INSERT INTO "occurrence" VALUES(X'525937BF7CFFD5B27BDD3BA50C278913',1);
INSERT INTO "occurrence" VALUES(X'554C5F91CC236BEA6AF6C78AF58985C6',1);
INSERT INTO "occurrence" VALUES(X'5847AEC62085CBAF9FC35F35E14A2F85',1);
INSERT INTO "occurrence" VALUES(X'72EB1031451C835CC97013BE3509970A',2);
INSERT INTO "occurrence" VALUES(X'A038C76958D074011A1DEA7CFF54E6B3',1);
INSERT INTO "occurrence" VALUES(X'A60207F415687E42B179A81894729811',1);
INSERT INTO "occurrence" VALUES(X'BC42ACC654DDFE64ECCCDD3DDB0A138A',1);
INSERT INTO "occurrence" VALUES(X'CE9C3284F9D1FA7CF250BC1A5B6E2C13',1);
CREATE TABLE paused_sink (
	sink TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT paused_sink_pk PRIMARY KEY (sink)
);
INSERT INTO "paused_sink" VALUES('chat','HTTP 410',1700000900000);
CREATE TABLE roster (
	account TEXT NOT NULL, 
	source TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT roster_pk PRIMARY KEY (account, source)
);
INSERT INTO "roster" VALUES('main','apps_url',1700000900000,X'5B226A68343278787864343334225D');
CREATE INDEX event_time ON event (time);
CREATE INDEX event_subject ON event (subject, sequence);
CREATE INDEX entry_gone ON entry (gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX delivery_open ON delivery (sink, sequence) WHERE state = 'open';
CREATE INDEX delivery_dead ON delivery (sink) WHERE state = 'dead';
CREATE INDEX delivery_subject ON delivery (sink, subject, sequence) WHERE state = 'open';
COMMIT;
