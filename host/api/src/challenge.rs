//! How a client makes sure that it is Sluice that it talks to, before it sends the admin key.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a client asks to be proved.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Challenge {
    /// 32 random bytes in hexadecimal. The client takes new ones each time.
    #[param(pattern = "^[0-9a-f]{64}$")]
    pub nonce: String,
}

/// What only who knows the admin key, or its hash, can answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Proof {
    /// The address and the port at which Sluice was reached. If they are not those that the client connected to,
    /// somebody else passed the challenge on.
    #[schema(examples("127.0.0.1:8081"))]
    pub address: String,
    /// An HMAC-SHA256 in hexadecimal: of `sluice admin door 1`, the bytes of the nonce and the address, under the
    /// SHA-256 of the key's 32 secret bytes.
    pub proof: String,
}
