//! help.*: what clients ask before anything else.

use super::Caller;
use crate::{
    calls::refused::Refused,
    mtproto::{delivery::int, objects::config},
};
use grammers_tl_types as tl;
use tl::functions::help;

type Answer<T> = Result<T, Refused>;

pub(super) fn config(caller: &Caller, _: help::GetConfig) -> Answer<tl::enums::Config> {
    let ring_and_now = |world: &mut crate::world::World, now| (world.meta().settings.call_ring_seconds, now);
    let (ring, now) = caller.telegram.look(ring_and_now);
    Ok(config::config(int(i64::from(ring)), int(now)))
}

pub(super) fn nearest_dc(_: &Caller, _: help::GetNearestDc) -> Answer<tl::enums::NearestDc> {
    let (this_dc, nearest_dc) = (config::DC, config::DC);
    Ok(tl::types::NearestDc { country: "ZZ".to_owned(), this_dc, nearest_dc }.into())
}
