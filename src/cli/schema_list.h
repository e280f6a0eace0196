/* One line per kind of file; no include guard. */
