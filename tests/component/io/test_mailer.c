/* SPDX-License-Identifier: MIT */
/* Mail against a real SMTP server (tests/support/smtp_server.py), in every mood it can have. */
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/mailer.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct world {
    struct ts_loop *loop;
    struct ts_mailer *mailer;
    char folder[40];
    char *certificate; /* with its key, for mail.localhost */
    pid_t server;
    int port;
    unsigned answers;
    struct ts_error err;
} w;

/* --- the server --- */

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int probe = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(probe, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(probe, (struct sockaddr *)&address, &length), 0);
    (void)close(probe);
    return ntohs(address.sin_port);
}

/* Runs a program, and gives what it writes. */
static pid_t spawn(const char *const *words, int *ret_output)
{
    int ends[2];
    pid_t child;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)execv(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    (void)close(ends[1]);
    *ret_output = ends[0];
    return child;
}

static void start_server(const char *option, const char *value)
{
    TS_AUTOFREE char *port = NULL;
    char ready[16] = "";
    int output;

    w.port = free_port();
    port = ts_format("%d", w.port);
    w.server = spawn((const char *[]){"/usr/bin/python3", TS_TESTS "/support/smtp_server.py", port,
                                      w.folder, option, value, NULL},
                     &output);
    assert_int_equal(read(output, ready, 6), 6); /* it may take as long as it likes */
    assert_string_equal(ready, "ready\n");
    (void)close(output);
}

static void stop_server(void)
{
    if (w.server > 0) {
        (void)kill(w.server, SIGKILL);
        (void)waitpid(w.server, NULL, 0);
    }
    w.server = 0;
}

/* --- mailing --- */

/* `url` with %d for the port. */
static void open_mailer(const char *scheme_and_host, const char *from, uint32_t timeout_ms)
{
    TS_AUTOFREE char *url = ts_format("%s:%d", scheme_and_host, w.port);
    struct ts_mailer_options options = {
        .url = url, .from = from, .ca_file = w.certificate, .timeout_ms = timeout_ms};

    ts_mailer_smtp_free(w.mailer);
    w.mailer = ts_mailer_smtp_new(w.loop, &options);
}

static void on_sent(const struct ts_error *err, void *arg)
{
    (void)arg;
    w.answers++;
    w.err = *err;
}

static struct ts_op *begin(const char *to)
{
    struct ts_mail mail = {.to = to, .subject = "Subject", .text = "Text\n"};

    return w.mailer->send(w.mailer, &mail, on_sent, NULL);
}

static void assert_sent(const char *to, enum ts_class cls, const char *why)
{
    unsigned before = w.answers;

    (void)begin(to);
    assert_int_equal(w.answers, before); /* never before the start returns */
    assert_true(TEST_WAIT(w.loop, w.answers > before));
    assert_int_equal(w.answers, before + 1);
    if (w.err.cls != cls || !strstr(w.err.text, why))
        print_error("%s: %s: %s\n", to, ts_class_name(w.err.cls), w.err.text);
    assert_int_equal(w.err.cls, cls);
    assert_non_null(strstr(w.err.text, why));
}

/* What the server has taken: a line with the envelope, then the message. NULL: nothing. */
static char *taken(unsigned number)
{
    TS_AUTOFREE char *name = ts_format("%s/%u.eml", w.folder, number);
    FILE *file = fopen(name, "re");
    char *text = ts_alloc(1 << 16);

    if (file) {
        (void)fread(text, 1, (1 << 16) - 1, file);
        (void)fclose(file);
        return text;
    }
    free(text);
    return NULL;
}

/* --- its life --- */

static int set_up(void **state)
{
    (void)state;
    w = (struct world){.loop = ts_loop_new(), .folder = "/tmp/teamsync-mail-XXXXXX"};
    assert_non_null(mkdtemp(w.folder));
    return 0;
}

static void remove_folder(void)
{
    DIR *folder = opendir(w.folder);
    const struct dirent *entry;

    while ((entry = readdir(folder)))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    (void)closedir(folder);
    (void)rmdir(w.folder);
}

static int tear_down(void **state)
{
    (void)state;
    ts_mailer_smtp_free(w.mailer);
    ts_loop_free(w.loop);
    stop_server();
    remove_folder();
    free(w.certificate);
    return 0;
}

static void make_certificate(void)
{
    int output;
    int status = 0;
    pid_t child;

    w.certificate = ts_format("%s/certificate.pem", w.folder);
    child =
        spawn((const char *[]){"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                               "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=mail.localhost",
                               "-addext", "subjectAltName=DNS:mail.localhost", "-days", "2",
                               "-keyout", w.certificate, "-out", w.certificate, NULL},
              &output);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    (void)close(output);
}

/* --- the tests --- */

static void test_a_mail_arrives_as_it_was_written(void **state)
{
    static const char text[] = "Grüße, Ada = 1\n.\n"
                               "A long line that goes on and on and on and on and on and on and on "
                               "and on to its end.\n";
    struct ts_mail mail = {
        .to = "ada@acme.example",
        .subject = "Join Łódź \"&\" Söhne\r\nBcc: all@acme.example",
        .text = text,
    };
    TS_AUTOFREE char *message = NULL;

    (void)state;
    start_server(NULL, NULL);
    open_mailer("smtp://127.0.0.1", "teamsync@acme.example", 0);
    (void)w.mailer->send(w.mailer, &mail, on_sent, NULL);
    assert_true(TEST_WAIT(w.loop, w.answers > 0));
    assert_int_equal(w.err.cls, TS_OK);
    message = taken(1);
    assert_non_null(message);
    assert_true(ts_text_starts_with(message, "teamsync@acme.example ada@acme.example plain\r\n"));
    assert_non_null(strstr(message, "\nFrom: <teamsync@acme.example>\r\n"));
    assert_non_null(strstr(message, "\nTo: <ada@acme.example>\r\n"));
    assert_non_null(strstr(message, "\nSubject: =?UTF-8?Q?Join=20=C5=81=C3=B3d=C5=BA=20=22=26=22="
                                    "20S=C3=B6hne=0D?=\r\n =?UTF-8?Q?=0ABcc=3A=20"));
    assert_null(strstr(message, "\nBcc"));
    assert_non_null(strstr(message, "\nDate: "));
    assert_non_null(strstr(message, " +0000\r\n"));
    assert_non_null(strstr(message, "@acme.example>\r\n"));
    assert_non_null(strstr(message, "\nMessage-ID: <"));
    assert_non_null(strstr(message, "\nAuto-Submitted: auto-generated\r\n"));
    assert_non_null(strcasestr(message, "\nMIME-Version: 1.0\r\n"));
    assert_non_null(strcasestr(message, "\nContent-Type: text/plain; charset=utf-8\r\n"));
    assert_non_null(strcasestr(message, "\nContent-Transfer-Encoding: quoted-printable\r\n"));
    assert_non_null(strstr(message, "\r\n\r\nGr=C3=BC=C3=9Fe, Ada =3D 1\r\n.\r\nA long line "));
    assert_non_null(strstr(message, "=\r\n")); /* which goes on */
}

static void test_what_a_refusal_means_depends_on_what_is_refused(void **state)
{
    static const struct {
        const char *to;
        enum ts_class cls;
        const char *why;
    } cases[] = {
        {"ada@acme.example", TS_OK, ""},
        {"busy@acme.example", TS_RETRY, "451 4.7.1 come back later"},
        {"busy@acme.example", TS_OK, ""},
        {"nobody@acme.example", TS_REJECTED, "550 5.1.1 there is no such mailbox"},
        {"full@acme.example", TS_RETRY, "452 4.2.2"},
        {"bad@acme.example", TS_REJECTED, "554 5.6.0 we do not like this message"},
        {"cut@acme.example", TS_RETRY, "mail: "},
        {"grace@acme.example", TS_OK, ""},
        {"a>b@acme.example", TS_REJECTED, "cannot be written to"},
        {"\"a b\"@acme.example", TS_REJECTED, "cannot be written to"},
        {"łada@acme.example", TS_REJECTED, "cannot be written to"},
        {"ada@acme.example,all@acme.example", TS_REJECTED, "cannot be written to"},
    };

    (void)state;
    start_server(NULL, NULL);
    open_mailer("smtp://127.0.0.1", "teamsync@acme.example", 0);
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++)
        assert_sent(cases[i].to, cases[i].cls, cases[i].why);
    open_mailer("smtp://127.0.0.1", "sorry@acme.example", 0);
    assert_sent("ada@acme.example", TS_AUTH, "550 5.7.1 we do not like this sender");
}

static void test_a_server_that_is_closed_away_or_silent_is_tried_again(void **state)
{
    (void)state;
    start_server("--closed", NULL);
    open_mailer("smtp://127.0.0.1", "teamsync@acme.example", 0);
    assert_sent("ada@acme.example", TS_AUTH, "554 5.3.2 we are closed");
    stop_server();
    assert_sent("ada@acme.example", TS_RETRY, "mail: ");
    start_server(NULL, NULL);
    open_mailer("smtp://127.0.0.1", "teamsync@acme.example", 300);
    assert_sent("hang@acme.example", TS_RETRY, "mail: ");
}

static void test_no_more_than_a_few_are_sent_at_once(void **state)
{
    struct ts_op *ops[4];

    (void)state;
    start_server(NULL, NULL);
    open_mailer("smtp://127.0.0.1", "teamsync@acme.example", 0);
    for (size_t i = 0; i < TS_COUNT_OF(ops); i++)
        ops[i] = begin("hang@acme.example");
    assert_sent("ada@acme.example", TS_RETRY, "enough others");
    assert_true(w.err.is_untried);
    assert_true(w.err.retry_after_ms > 0);
    ts_op_cancel(&ops[0]);
    assert_sent("ada@acme.example", TS_OK, "");
    assert_int_equal(w.answers, 2); /* the others are cancelled with the mailer */
}

static void test_who_wants_a_login_gets_it(void **state)
{
    (void)state;
    start_server("--login", "teamsync:p@ss:word");
    open_mailer("smtp://teamsync:p%40ss%3Aword@127.0.0.1", "teamsync@acme.example", 0);
    assert_sent("ada@acme.example", TS_OK, "");
    open_mailer("smtp://teamsync:wrong@127.0.0.1", "teamsync@acme.example", 0);
    assert_sent("ada@acme.example", TS_AUTH, "refuses our login");
    assert_null(strstr(w.err.text, "wrong"));
    open_mailer("smtp://127.0.0.1", "teamsync@acme.example", 0);
    assert_sent("ada@acme.example", TS_AUTH, "530");
}

/* "mail.localhost" leads to the loopback, but is no name of it. */
static void test_beyond_this_host_nothing_is_said_in_the_clear(void **state)
{
    TS_AUTOFREE char *message = NULL;

    (void)state;
    make_certificate();
    start_server("--tls", w.certificate);
    open_mailer("smtp://mail.localhost", "teamsync@acme.example", 0);
    assert_sent("ada@acme.example", TS_OK, "");
    message = taken(1);
    assert_non_null(strstr(message, " tls\r\n"));
    free(TS_STEAL(w.certificate));
    open_mailer("smtp://mail.localhost", "teamsync@acme.example", 0);
    assert_sent("ada@acme.example", TS_AUTH, "certificate");
    stop_server();
    start_server(NULL, NULL); /* knows no STARTTLS */
    open_mailer("smtp://mail.localhost", "teamsync@acme.example", 0);
    assert_sent("ada@acme.example", TS_AUTH, "");
    assert_null(taken(2));
}

static void test_smtps_is_secret_from_the_start(void **state)
{
    (void)state;
    make_certificate();
    start_server("--smtps", w.certificate);
    open_mailer("smtps://mail.localhost", "teamsync@acme.example", 0);
    assert_sent("ada@acme.example", TS_OK, "");
    open_mailer("smtps://127.0.0.1", "teamsync@acme.example", 0); /* not what it is made out to */
    assert_sent("ada@acme.example", TS_AUTH, "");
}

static void test_a_cancelled_mail_says_nothing(void **state)
{
    struct ts_op *op;

    (void)state;
    start_server(NULL, NULL);
    open_mailer("smtp://127.0.0.1", "teamsync@acme.example", 0);
    op = begin("hang@acme.example");
    ts_op_cancel(&op);
    op = begin("not an address");
    ts_op_cancel(&op);
    assert_sent("ada@acme.example", TS_OK, "");
    assert_int_equal(w.answers, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_mail_arrives_as_it_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_a_refusal_means_depends_on_what_is_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_server_that_is_closed_away_or_silent_is_tried_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_more_than_a_few_are_sent_at_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_who_wants_a_login_gets_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_beyond_this_host_nothing_is_said_in_the_clear, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_smtps_is_secret_from_the_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_cancelled_mail_says_nothing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
