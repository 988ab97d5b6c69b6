//! The statements about the installation.

use crate::db::statements;

statements! {
    KEEP = "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    KEPT = "SELECT value FROM installation WHERE name = $1";
}
