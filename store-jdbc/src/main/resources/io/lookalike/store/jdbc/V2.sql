-- Who was erased is told by a mark from which nobody reads who it was. What version 1 told by name goes: as of a change
-- before it, all is to be read anew.
UPDATE ${in}store SET forgotten = (SELECT max(change) FROM ${in}event WHERE kind IS NULL)
  WHERE forgotten < (SELECT max(change) FROM ${in}event WHERE kind IS NULL);

DELETE FROM ${in}event WHERE kind IS NULL;

-- Long ids that no row has any more.
DELETE FROM ${in}long_text WHERE 1 = 1${unused};
