"""SQLite and Postgres behind one face: where one is, how it is opened, what its errors mean. Knows no value of ours."""
