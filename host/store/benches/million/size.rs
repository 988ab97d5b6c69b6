//! How large a database is on disk, by its parts.

use std::path::Path;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

/// The tables and indexes of a file.
pub(crate) async fn sqlite(file: &Path) -> Vec<(String, i64)> {
    let options = SqliteConnectOptions::new().filename(file);
    let mut database = SqliteConnection::connect_with(&options)
        .await
        .expect("the file opens");
    let parts = "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC";
    let parts = sqlx::query_as(parts).fetch_all(&mut database).await;
    parts.expect("the parts of the file")
}

/// The tables and indexes of a database.
pub(crate) async fn postgres(url: &str) -> Vec<(String, i64)> {
    let mut database = PgConnection::connect(url).await.expect("a connection");
    let parts = "SELECT CAST(c.relname AS TEXT), pg_relation_size(c.oid) \
        + COALESCE(pg_total_relation_size(NULLIF(c.reltoastrelid, 0)), 0) FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i') ORDER BY 2 DESC";
    let parts = sqlx::query_as(parts).fetch_all(&mut database).await;
    parts.expect("the parts of the database")
}

/// Does what PostgreSQL does by itself some time after so much was written.
pub(crate) async fn settle(url: &str) {
    let mut database = PgConnection::connect(url).await.expect("a connection");
    let vacuum = sqlx::raw_sql("VACUUM ANALYZE").execute(&mut database);
    vacuum.await.expect("a vacuum");
}
