/* monitor.h - what programs ask that watch this one: /healthz, for a proxy or a service manager, and /metrics, for
 * Prometheus. */
#ifndef IO_MODELS_MONITOR_H
#define IO_MODELS_MONITOR_H

#include "http.h"

/* Lets scrapers of this network read /metrics. False: it is no network, or one too many (NETWORKS_MAX). */
bool monitor_allow(const char *network);

/* Call it once, before the first request. */
void monitor_open(struct framework *f);

/* GET /healthz: 200 and a few facts, as JSON; 503 while the server drains, or when the history cannot be written, so
 * that no new client is sent here. For anybody: every member of a room is shown more (the clock), and whoever watches
 * may have any address and use any name for this host. */
void monitor_health(struct channel *c);

/* GET /metrics: all counters. Only for this machine itself and the networks of monitor_allow; 403 for others. They show
 * how much the server is used and which limit is near: an attacker could watch the effect of what he does; and each
 * answer costs more than it costs to ask. */
void monitor_metrics(struct channel *c);

#endif
