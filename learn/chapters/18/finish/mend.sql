-- df8d53b0: paid there and not captured, until 22:35. Let the worker verify it.
UPDATE payments SET state = 'waiting' WHERE reference = 'd5f61954c18fd63f';
UPDATE orders SET state = 'waiting', claimed_by = NULL WHERE number = 'df8d53b0';

-- 40f91904: captured twice. Bookkeeping pays the second one back.
INSERT INTO to_return VALUES ('530e60cb1e353f29', 1250000, 'order 40f91904 was captured twice');

-- 3c0bfc13: captured there, closed by hand here. The order is paid, and takes a piece again.
UPDATE payments SET state = 'paid' WHERE reference = '3cc608422b456d91';
UPDATE orders SET state = 'paid', has_piece = 1, claimed_by = '3cc608422b456d91'
WHERE number = '3c0bfc13';
UPDATE product SET stock = stock - 1;

-- cf7dd283 was never paid; the money of c9843faa has gone back. Both pieces are free again.
UPDATE payments SET state = 'failed' WHERE reference = 'e44a6fc9ad7785ad';
UPDATE payments SET state = 'expired' WHERE reference = 'ddae9b602ca106ed';
UPDATE orders SET state = 'failed', has_piece = 0, claimed_by = NULL WHERE number = 'cf7dd283';
UPDATE orders SET state = 'expired', has_piece = 0, claimed_by = NULL WHERE number = 'c9843faa';
UPDATE product SET stock = stock + 2;

-- 85a8bb9b, f796ef6e and 3341fde7 need the worker only.
