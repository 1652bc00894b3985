SELECT * FROM books WHERE id = ?
