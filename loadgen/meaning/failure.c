/* failure.c - the taxonomy in words, and how errno maps to it. */
#include "meaning/failure.h"
#include "meaning/language.h"
#include <errno.h>
#include <string.h>

struct explanation {
    const char *name, *meaning, *cause, *advice;
};

enum { ENDS_THAT_ARE_NO_FAILURE = 2 };

/* The first FAILURE_CLASSES entries are in the order of enum failure. */
static const struct explanation explanations[FAILURE_CLASSES + ENDS_THAT_ARE_NO_FAILURE] = {
    {"connect_refused", "the server's machine answered the connection attempt with a refusal",
        "nobody listens on that address and port, or a firewall rejects",
        "start the server first; compare --host and --port with its line 'listening on ...'"},
    {"connect_timeout", "no answer to the connection attempt came within --timeout",
        "the queue of connections waiting for accept() is full, so the kernel drops new attempts without a word",
        "raise the server's --backlog and net.core.somaxconn, spread the attempts with --ramp, or look why the server "
        "does not accept"},
    {"connect_reset", "the server threw the connection out (reset or closed it) before a single byte came back",
        "the server was out of descriptors, memory, threads or queue places and refused visibly",
        "look at 'refused' in the server's --stats; raise its limit, or see that this is how the model fails"},
    {"client_limit", "the load generator's own machine could not make one more connection: not the server's failure",
        "the limit of open files (EMFILE), or of local ports towards one server address (EADDRNOTAVAIL)",
        "raise 'ulimit -n' and net.ipv4.ip_local_port_range, give more --source-ips, or ask for fewer --clients"},
    {"tls", "the TLS handshake failed or was not complete within --timeout, or a record was wrong",
        "the port speaks no TLS; the certificate is not one of --ca, or not for --host; no version or cipher in common",
        "start the server with --certificate or --self-signed; 'openssl s_client -connect HOST:PORT' says more"},
    {"handshake_timeout", "connected, but the WebSocket upgrade was not answered within --timeout",
        "every thread of the server is busy with other clients, or the port speaks another protocol",
        "more workers or a shorter run per client; check that the server runs with --protocol ws"},
    {"handshake_rejected", "the server answered the upgrade with something else than a valid 101",
        "an HTTP error status, a wrong Sec-WebSocket-Accept, or no HTTP at all (an echo server, say)",
        "read http_status in the JSON; check that both sides run with --protocol ws"},
    {"starved", "connected, asked, and never served by the end of the run, or until --timeout passed",
        "the connection waits in the kernel's backlog or in the server's queue while others are served: a pool with "
        "fewer workers than clients",
        "more --workers than clients, or a model that does not need a thread for each connection"},
    {"reply_timeout", "served before, but one reply did not come within --timeout",
        "the server lost a message, hangs, or is overloaded beyond --timeout",
        "lower --rate, --clients or --pipeline; if that does not help the server has lost the reply"},
    {"reset_mid_run", "the connection was reset after it had been served",
        "the server process ended or crashed, or closed with unread input; or a middlebox cut in",
        "look at the server's exit status and its --stats"},
    {"eof_mid_run",
        "the server closed the connection in an orderly way while replies were owed or clients still wanted",
        "the server shut down, hit an idle or lifetime limit, or took the input for the end of a request",
        "look at 'closed' in the server's --stats"},
    {"truncated", "the server's TCP ended without close_notify, TLS's own end: bytes may be missing",
        "the server process ended or crashed; or somebody between the two cut the connection",
        "look at the server's exit status and its --stats"},
    {"mismatch", "bytes came back that are not the bytes sent, or more than were asked for",
        "a bug in the server: buffers shared between clients, a short write ignored, replies out of order",
        "the run is void: find the bug before reading any of its numbers"},
    {"protocol_error", "the server broke a rule of WebSocket, or closed with a close frame in mid-run",
        "a malformed frame; a close code such as 1001 (going away), 1002 (protocol) or 1009 (message too big)",
        "read close_code in the JSON; for 1009 raise the server's --message-max or lower --size"},
    {"unfinished", "still in flight when the run ended, in spite of the drain: counted with its age, not a failure",
        "a slow server, or large messages in a deep pipeline", "compare the age with the latencies measured"},
    {"unsent",
        "with --rate: due inside the run, but never sent, as its client was still busy: not a failure, but the "
        "offered rate was not carried",
        "the rate is above the capacity of the server or of the load generator",
        "lower --rate, or give more --clients or --pipeline so that a slow reply does not hold up the next message"},
};

/* The same for --explain in Chinese; the names stay, as JSON has them. */
static const struct explanation in_chinese[FAILURE_CLASSES + ENDS_THAT_ARE_NO_FAILURE] = {
    {"connect_refused", "服务器的机器拒绝了连接", "那个地址和端口上没有人监听，或者防火墙拒绝",
        "先启动服务器；把 --host 和 --port 与它的那一行 'listening on ...' 对一对"},
    {"connect_timeout", "在 --timeout 之内，连接没有得到应答",
        "等待 accept() 的连接队列满了，内核就不声不响地丢掉新的连接",
        "增大服务器的 --backlog 和 net.core.somaxconn，用 --ramp 把连接分散开，或者看看服务器为什么不 accept"},
    {"connect_reset", "一个字节都还没有回来，服务器就把连接扔掉了（复位或关闭）",
        "服务器的描述符、内存、线程或排队位置用完了，于是明确地拒绝",
        "看服务器 --stats 里的 'refused'；提高它的上限，或者明白这个模型就是这样失败的"},
    {"client_limit", "负载生成器自己的机器再也建立不了连接：不是服务器的失败",
        "打开文件数的上限（EMFILE），或者到同一个服务器地址的本地端口用完了（EADDRNOTAVAIL）",
        "提高 'ulimit -n' 和 net.ipv4.ip_local_port_range，给出更多的 --source-ips，或者减少 --clients"},
    {"tls", "TLS 握手失败，或者在 --timeout 之内没有完成，或者一条记录有错",
        "这个端口不说 TLS；证书不在 --ca 里，或者不是给 --host 的；没有共同的版本或密码套件",
        "用 --certificate 或 --self-signed 启动服务器；'openssl s_client -connect HOST:PORT' 说得更多"},
    {"handshake_timeout", "已连接，但在 --timeout 之内，WebSocket 升级没有得到应答",
        "服务器的每个线程都在忙着服务别的客户端，或者这个端口说的是另一种协议",
        "增加工作线程，或者缩短每个客户端的时间；确认服务器是用 --protocol ws 启动的"},
    {"handshake_rejected", "服务器对升级的应答不是有效的 101",
        "一个 HTTP 错误状态，一个错误的 Sec-WebSocket-Accept，或者根本不是 HTTP（例如 echo 服务器）",
        "看 JSON 里的 http_status；确认两边都用 --protocol ws"},
    {"starved", "已连接，也提了请求，直到运行结束或 --timeout 到了，从未得到服务",
        "别的客户端在得到服务，这个连接却等在内核的 backlog 或服务器的队列里：工作线程比客户端少的线程池",
        "让 --workers 多于客户端，或者换一个不必每个连接一个线程的模型"},
    {"reply_timeout", "得到过服务，但有一个应答在 --timeout 之内没有来",
        "服务器丢了一条消息，卡住了，或者过载超过了 --timeout",
        "降低 --rate、--clients 或 --pipeline；如果没有用，就是服务器丢了应答"},
    {"reset_mid_run", "得到过服务之后，连接被复位",
        "服务器进程结束了或崩溃了，或者还有输入没读就关闭；或者中间设备切断了连接", "看服务器的退出状态和它的 --stats"},
    {"eof_mid_run", "服务器有序地关闭了连接，但它还欠着应答，或者客户端还要继续",
        "服务器停止了，到了空闲或寿命的上限，或者把输入当成了请求的结尾", "看服务器 --stats 里的 'closed'"},
    {"truncated", "服务器的 TCP 结束了，却没有 TLS 自己的结尾 close_notify：可能缺了字节",
        "服务器进程结束了或崩溃了；或者两者之间有人切断了连接", "看服务器的退出状态和它的 --stats"},
    {"mismatch", "回来的字节不是发出去的字节，或者比要求的多",
        "服务器的错误：客户端之间共用了缓冲区，没有理会短写，应答的顺序错了",
        "这次运行作废：先找到错误，再读它的任何数字"},
    {"protocol_error", "服务器违反了 WebSocket 的规则，或者在运行中途用关闭帧关闭",
        "一个格式错误的帧；一个关闭码，例如 1001（离开）、1002（协议）或 1009（消息太大）",
        "看 JSON 里的 close_code；如果是 1009，就增大服务器的 --message-max 或减小 --size"},
    {"unfinished", "运行结束时还在途，等候收尾之后也没有回来：按它的年龄计入，不算失败",
        "服务器慢，或者大消息加上很深的流水线", "把它的年龄与测到的延迟比较"},
    {"unsent", "用 --rate 时：在运行期间该发，却因为客户端还在忙而从未发出：不算失败，但要求的速率没有达到",
        "速率超过了服务器或负载生成器的容量",
        "降低 --rate，或者增加 --clients 或 --pipeline，使一个慢的应答不拖住下一条消息"},
};

const char *failure_name(enum failure failure) {
    return explanations[failure].name;
}

const char *failure_advice(enum failure failure) {
    return explanations[failure].advice;
}

enum failure failure_of_connect(int error) {
    switch (error) {
    case ETIMEDOUT: return FAILURE_CONNECT_TIMEOUT;
    case ECONNRESET:
    case EPIPE: return FAILURE_CONNECT_RESET;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
    case EADDRINUSE:
    case EADDRNOTAVAIL: return FAILURE_CLIENT_LIMIT;
    default: return FAILURE_CONNECT_REFUSED; /* ECONNREFUSED; also EHOSTUNREACH (no route) and EPERM (a firewall) */
    }
}

bool failure_explain(FILE *out, const char *name) {
    bool all = strcmp(name, "all") == 0, found = false;

    for (size_t i = 0; i < sizeof explanations / sizeof explanations[0]; i++) {
        const struct explanation *e = language_is_chinese() ? &in_chinese[i] : &explanations[i];
        if (!all && strcmp(name, e->name) != 0)
            continue;
        fprintf(out,
            either("%s%s\n  means: %s.\n  cause: usually %s.\n  try:   %s.\n",
                "%s%s\n  含义：%s。\n  原因：通常是%s。\n  试试：%s。\n"),
            found ? "\n" : "", e->name, e->meaning, e->cause, e->advice);
        found = true;
    }
    return found;
}
