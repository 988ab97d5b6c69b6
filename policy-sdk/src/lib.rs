//! policy-sdk
