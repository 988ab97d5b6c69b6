-- The words of each block, by the block's id. It holds words alone and no text. The tokenizer only splits at spaces,
-- because the words come already parted.

CREATE VIRTUAL TABLE words USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii');
INSERT INTO words (words, rank) VALUES ('pgsz', 8150);
