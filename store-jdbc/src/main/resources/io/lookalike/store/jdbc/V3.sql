-- What was bought may be kept for longer than the rest.
DROP INDEX ${in}event_time;

CREATE INDEX event_time ON ${in}event (at_second, at_nano) WHERE kind <> 'BOUGHT';

CREATE INDEX event_bought ON ${in}event (at_second, at_nano) WHERE kind = 'BOUGHT';
