//! Proves to a client that this is the Sluice whose key it has.
//!
//! Anybody may ask. So nothing is waited for: a request that could be sent slowly, like one with a body, would keep a
//! connection that the operator needs.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Extension, State as Extract};
use sluice_api::{Challenge, Proof};

use super::Error;
use super::query::{self, Query};
use crate::auth::{AdminKeys, Nonce, proved_address};
use crate::listen::Reached;

/// Proves that this is the Sluice whose admin key you have.
///
/// Ask this before you send the key over a connection that others could have taken, as on a machine that agents run on,
/// and send the key over the same connection. It is the one request that needs no key.
#[utoipa::path(
    get,
    path = "/api/v1/challenge",
    tag = "process",
    params(Challenge),
    responses((status = 200, description = "The proof.", body = Proof)),
    security(())
)]
pub(super) async fn challenge(
    Extract(keys): Extract<Arc<AdminKeys>>,
    Extension(Reached(address)): Extension<Reached>,
    Query(Challenge { nonce }): Query<Challenge>,
) -> Result<Json<Proof>, Error> {
    let nonce = Nonce::read(&nonce);
    let nonce = nonce.ok_or_else(|| {
        query::bad("nonce: expected 64 hexadecimal digits, none of them a capital")
    })?;
    let address = proved_address(address).to_string();
    let proof = keys.proof(&nonce, &address, Instant::now())?;
    Ok(Json(Proof { address, proof }))
}
