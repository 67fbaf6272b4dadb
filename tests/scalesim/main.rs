//! What SCALE-Sim's users bring: topologies and configurations, with every trap that is found in the wild, and its cycle counts.

mod config;
mod cycles;
mod topology;
mod verbs;
mod wild;
