/* report_text.c - the results for people: a summary, in English or Chinese. */
#include "meaning/language.h"
#include "report/number_text.h"
#include "report/report.h"
#include "report/report_hosts.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static void print_header(FILE *out, const struct result *r) {
    const struct options *o = r->options;

    fprintf(out,
        either("%s to %s:%u, %u clients, %zu bytes, %u in flight each, %u thread%s, %s, ",
            "%s 到 %s:%u，%u 个客户端，每条 %zu 字节，每个客户端 %u 条在途，%u 个线程%.0s，%s，"),
        options_protocol_name(o->protocol), o->host, o->port, (unsigned)o->clients, o->size, (unsigned)o->pipeline,
        (unsigned)o->threads, o->threads == 1 ? "" : "s", r->io);
    if (r->tally.tls_version[0] != '\0')
        fprintf(out, either("%s %s, ", "%s %s，"), r->tally.tls_version, r->tally.tls_cipher);
    if (o->active < o->clients)
        fprintf(out, either("%u of them active, ", "其中 %u 个活跃，"), (unsigned)o->active);
    if (o->reconnect)
        fputs(either("connecting anew each time, ", "每次重新连接，"), out);
    if (o->rate > 0)
        fprintf(out, either("open loop at %g msg/s\n", "开环，每秒 %g 条\n"), o->rate);
    else
        fputs(either("closed loop\n", "闭环\n"), out);
}

static void print_clients(FILE *out, const struct result *r, const struct figures *f) {
    const uint64_t *sorted = r->per_client;
    uint32_t n = r->options->active;
    char a[FIELD], b[FIELD], c[FIELD];

    fprintf(out,
        either("  clients       %u asked, %" PRIu64 " connected, ", "  客户端        要求 %u，已连接 %" PRIu64 "，"),
        (unsigned)r->options->clients, r->tally.connected);
    if (r->options->protocol == PROTOCOL_WS)
        fprintf(out, either("%" PRIu64 " upgraded, ", "已升级 %" PRIu64 "，"), r->tally.upgraded);
    fprintf(out, either("%" PRIu64 " served\n", "得到服务 %" PRIu64 "\n"), r->tally.served);
    fprintf(out,
        either("  per client    %s min, %s median, %s max messages; Jain's index ",
            "  每个客户端    消息数最少 %s，中位 %s，最多 %s；Jain 指数 "),
        grouped(a, (double)sorted[0]), grouped(b, ((double)sorted[(n - 1) / 2] + (double)sorted[n / 2]) / 2),
        grouped(c, (double)sorted[n - 1]));
    fprintf(out, "%s\n", with_unit(a, f->jain, 4, ""));
}

/* result_why_nothing, which is in English, in the reader's language. */
static const char *why_nothing(const struct result *r) {
    static const char *const pairs[][2] = {
        {"the run was interrupted before a client was connected", "还没有客户端连接，运行就被中断了"},
        {"no client could connect", "没有一个客户端能连接"},
        {"the run was interrupted too early", "运行中断得太早"},
        {"no reply arrived inside the window", "测量窗口内没有应答到达"},
        {"no client was ever served: see the failures", "没有一个客户端得到服务：见失败"},
        {"no message was due inside the window", "测量窗口内没有该发的消息"},
    };
    const char *english = result_why_nothing(r);

    for (size_t i = 0; english != NULL && i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strcmp(english, pairs[i][0]) == 0)
            return either(pairs[i][0], pairs[i][1]);
    }
    return english;
}

static void print_window(FILE *out, const struct result *r, const struct figures *f) {
    const char *nothing = why_nothing(r);
    char a[FIELD], b[FIELD];

    fprintf(out, either("  window        %.3f s, %s messages", "  测量窗口      %.3f 秒，%s 条消息"), r->window_s,
        grouped(a, (double)r->answered));
    if (nothing != NULL)
        fprintf(out, either(", because %s\n", "，因为%s\n"), nothing);
    else
        fprintf(out, either(", %s msg/s, %.2f MiB/s one way\n", "，每秒 %s 条，单向 %.2f MiB/s\n"),
            grouped(b, f->messages_per_s), f->bytes_per_s / 1048576);
}

static void print_wire(FILE *out, const struct result *r, const struct figures *f) {
    if (r->options->deflate)
        fprintf(out,
            either("  wire          per message of %zu bytes %.1f sent, %.1f received; compressed for %" PRIu64
                   " clients\n",
                "  线路          每条 %zu 字节的消息，发送 %.1f 字节，接收 %.1f 字节；%" PRIu64 " 个客户端压缩\n"),
            r->options->size, f->wire_sent, f->wire_received, r->tally.deflated);
}

/* `name` fills 12 columns. Values from `at_least_ns` on are lower bounds: messages that were given up count with their
 * age. */
static void print_latency_row(FILE *out, const char *name, const struct histogram *h, uint64_t at_least_ns) {
    static const double percents[] = {0, 50, 90, 99, 99.9, 100};
    char text[FIELD];

    if (h == NULL || h->count == 0)
        return;
    snprintf(text, sizeof text, "%s%.1f", at_least_ns != NEVER ? ">= " : "", histogram_mean(h) / 1e3);
    fprintf(out, "%s %13s", name, text);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        uint64_t value = histogram_percentile(h, percents[i]);
        snprintf(text, sizeof text, "%s%.1f", value >= at_least_ns ? ">= " : "", (double)value / 1e3);
        fprintf(out, " %13s", text);
    }
    fputc('\n', out);
}

static void print_latency(FILE *out, const struct result *r) {
    if (r->service->count == 0 && r->at_least == 0)
        return;
    fprintf(out,
        either("  latency us          mean           min %13s %13s %13s %13s           max\n",
            "  延迟 us             平均          最小 %13s %13s %13s %13s          最大\n"),
        "p50", "p90", "p99", "p99.9");
    print_latency_row(out, either("    service ", "    服务    "), r->service, NEVER);
    print_latency_row(out, either("    response", "    响应    "), r->response, r->at_least_ns);
}

/* Always printed, also when there are none. */
static void print_failures(FILE *out, const struct result *r) {
    const struct tally *t = &r->tally;

    fprintf(out, either("  failures      %" PRIu64, "  失败          %" PRIu64), tally_failures(t));
    for (int i = 0; i < FAILURE_CLASSES; i++) {
        if (t->failures[i] == 0)
            continue;
        fprintf(out, either("; %s %" PRIu64, "；%s %" PRIu64), failure_name((enum failure)i), t->failures[i]);
        if (t->errors[i] != 0)
            fprintf(out, " (%s)", strerror(t->errors[i]));
        if (i == FAILURE_HANDSHAKE_REJECTED && t->http_status != 0)
            fprintf(out, either(" (HTTP status %u)", "（HTTP 状态 %u）"), t->http_status);
        if (i == FAILURE_PROTOCOL_ERROR && t->close_code != 0)
            fprintf(out, either(" (close code %u)", "（关闭码 %u）"), t->close_code);
    }
    fputs(
        tally_failures(t) > 0 ? either("; see loadgen --explain CLASS\n", "；含义见 loadgen --explain CLASS\n") : "\n",
        out);
    fprintf(out, either("  left over     %" PRIu64 " unfinished", "  剩余          未完成 %" PRIu64), t->unfinished);
    if (t->unfinished > 0)
        fprintf(out, either(", the oldest for %.3f s", "，最久的已有 %.3f 秒"), (double)t->unfinished_oldest_ns / 1e9);
    if (r->options->rate > 0)
        fprintf(out, either("; %" PRIu64 " due but unsent", "；该发而未发 %" PRIu64), t->unsent);
    fputc('\n', out);
}

static void print_flash(FILE *out, const struct result *r) {
    const struct chaos_tally *t = &r->chaos;
    char text[FIELD];

    fprintf(out,
        either("  chaos         flash: %" PRIu64 " clients cut off, %" PRIu64 " connections made again, %" PRIu64
               " refused, %" PRIu64 " messages sent again, ",
            "  捣乱          flash：%" PRIu64 " 个客户端断线，%" PRIu64 " 个连接重新建立，%" PRIu64
            " 个被拒绝，%" PRIu64 " 条消息重发，"),
        t->cut, t->connections, t->refused, t->resent);
    if (t->back == t->cut)
        fprintf(out, either("all back after %s\n", "%s 后全部恢复\n"),
            with_unit(text, result_all_back_s(r) * 1e3, 1, " ms"));
    else
        fprintf(out, either("%" PRIu64 " not back\n", "%" PRIu64 " 个没有恢复\n"), t->cut - t->back);
}

static void print_chaos(FILE *out, const struct result *r) {
    const struct chaos_tally *t = &r->chaos;

    if (r->options->flash)
        print_flash(out, r);
    else if (r->options->chaos != CHAOS_NONE)
        fprintf(out,
            either("  chaos         %u x %s: %" PRIu64 " connections, %" PRIu64 " ended by the server, %" PRIu64
                   " refused, %" PRIu64 " KiB sent\n",
                "  捣乱          %u 个 %s：%" PRIu64 " 个连接，%" PRIu64 " 个被服务器结束，%" PRIu64
                " 个被拒绝，发送 %" PRIu64 " KiB\n"),
            (unsigned)r->options->chaos_clients, chaos_name(r->options->chaos), t->connections, t->ended_by_server,
            t->refused, t->bytes / 1024);
}

static void print_cpu(FILE *out, const struct result *r, const struct figures *f) {
    char a[FIELD], b[FIELD], c[FIELD];

    fprintf(out, either("  CPU           client %s, %s per message", "  CPU           客户端 %s，每条消息 %s"),
        with_unit(a, f->client_share * 100, 1, "%"), with_unit(b, f->client_us_per_message, 3, " us"));
    if (r->options->server.count > 0)
        fprintf(out, either("; server %s, %s per message", "；服务器 %s，每条消息 %s"),
            with_unit(b, f->server_share * 100, 1, "%"), with_unit(c, f->server_us_per_message, 3, " us"));
    if (r->options->server.count > 1)
        fprintf(out, either(" (%zu processes, CPUs: %u)", "（%zu 个进程，CPU 数：%u）"), r->options->server.count,
            r->server_cpus);
    fputs(f->client_bound ? "  [client-bound]\n" : "\n", out);
}

static void print_server(FILE *out, const struct result *r, const struct figures *f) {
    char a[FIELD], b[FIELD], c[FIELD];

    if (r->options->server.count == 0)
        return;
    fprintf(out,
        either("  memory        server %s KiB before, %s KiB with connections",
            "  内存          服务器之前 %s KiB，有连接时 %s KiB"),
        grouped(a, r->memory_before_kib), grouped(b, r->memory_after_kib));
    fprintf(out, either(", %s bytes per connection\n", "，每个连接 %s 字节\n"), grouped(c, f->bytes_per_connection));
    fprintf(out,
        either("  switches      server %s voluntary, %s involuntary in the window\n",
            "  切换          测量窗口内，服务器自愿 %s 次，被迫 %s 次\n"),
        grouped(a, r->voluntary_switches), grouped(b, r->involuntary_switches));
}

static void print_holdings(FILE *out, const char *when, const struct holdings *h, const char *end) {
    char a[FIELD], b[FIELD], c[FIELD];

    fprintf(out, either("%s %s descriptors, %s threads, %s KiB%s", "%s %s 个描述符，%s 个线程，%s KiB%s"), when,
        grouped(a, h->descriptors), grouped(b, h->threads), grouped(c, h->memory_kib), end);
}

static void print_aftermath(FILE *out, const struct result *r) {
    const struct aftermath *a = &r->aftermath;
    char served[FIELD], back[FIELD];

    if (!r->options->aftermath)
        return;
    fprintf(out,
        either("  afterwards    a new client is served after %s, the server is as before after %s",
            "  之后          %s 后新客户端得到服务，%s 后服务器恢复原状"),
        with_unit(served, a->served_again_s * 1e3, 1, " ms"), with_unit(back, a->back_s * 1e3, 1, " ms"));
    if (isnan(a->served_again_s) || isnan(a->back_s))
        fprintf(out, either(" (n/a: not within %d s)", "（n/a：%d 秒之内没有）"), AFTERMATH_LIMIT_S);
    fputc('\n', out);
    print_holdings(out, either("                before", "                之前"), &a->before, either("; ", "；"));
    print_holdings(out, either("with connections", "有连接时"), &a->peak, either("; ", "；"));
    print_holdings(out, either("after", "之后"), &a->after, "\n");
}

static void print_law(FILE *out, const struct figures *f) {
    if (isnan(f->deviation))
        return;
    fprintf(out,
        either("  Little's law  %.1f in flight by throughput x latency, %.0f expected: %.1f%% off\n",
            "  Little 定律   吞吐量 x 延迟得 %.1f 条在途，应为 %.0f：相差 %.1f%%\n"),
        f->in_flight_by_law, f->in_flight_expected, f->deviation * 100);
}

void report_text(FILE *out, const struct result *r, const struct figures *f) {
    print_header(out, r);
    print_clients(out, r, f);
    print_window(out, r, f);
    print_wire(out, r, f);
    print_latency(out, r);
    print_failures(out, r);
    print_chaos(out, r);
    print_cpu(out, r, f);
    print_server(out, r, f);
    print_aftermath(out, r);
    print_law(out, f);
    report_hosts(out, r, f);
    for (int i = 0; i < f->warning_count; i++)
        fprintf(out, either("  warning: %s\n", "  警告：%s\n"), f->warnings[i]);
    fflush(out);
}
