//! Against what is real: the workerd that npm installed.

mod gateway;
mod gateway_switch;
mod workerd_network;
mod workerd_output;
mod workerd_process;
mod workerd_scheduled;
mod workerd_secrets;
mod workerd_start;
mod workerd_world;
