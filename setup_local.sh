#!/usr/bin/env bash
# Builds the service and runs it on this machine in containers, then runs one example.
# shellcheck disable=SC2016 # what is in single quotes is for other shells
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'USAGE'
./setup_local.sh                     build and start the service, wait until it is ready, run an example
./setup_local.sh --least-privilege   the same, with a worker that is not privileged
./setup_local.sh --privileged        the same, with a worker that is again
./setup_local.sh --down              remove its containers, networks, images and jobs; .env stays

It needs Docker with Compose, and curl. Settings are kept in .env, which it makes; PORT=8081 ./setup_local.sh
changes the port. KEY=… is the API key for the example, where .env has API_KEYS.
USAGE
}

main() {
    case ${1:-} in
        '' | --least-privilege | --privileged | --down) ;;
        --help | -h) usage && return ;;
        *) usage >&2 && exit 2 ;;
    esac
    find_engine
    if [[ ${1:-} == --down ]]; then
        take_down
        return
    fi
    make_env "${1:-}"
    refuse_an_open_door
    remove_older_ones
    refuse_a_taken_port
    say 'building the images'
    compose build --quiet
    [[ $(value COMPOSE_FILE) != *cgroup-v1.yml* ]] || cgroups 'mkdir -p "$1" && chown 10001:10001 "$1"'
    say 'starting redis, api and worker'
    compose up --detach --no-build --remove-orphans --quiet-pull 2>"$log" || die "they did not start: $(tail -n 1 "$log")"
    wait_until_ready
    run_an_example
}

say() { printf '%s\n' "setup_local.sh: $*"; }

die() {
    say "$*" >&2
    exit 1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

find_engine() {
    command -v docker >/dev/null || die 'docker is missing: install Docker Engine or Docker Desktop'
    docker info >/dev/null 2>"$log" || die "the Docker engine does not answer: $(tail -n 1 "$log")"
    if docker compose version >/dev/null 2>&1; then
        compose_command=(docker compose)
    elif command -v docker-compose >/dev/null; then
        compose_command=(docker-compose)
    else
        die 'Docker Compose is missing: install the package docker-compose-plugin or docker-compose'
    fi
    command -v curl >/dev/null || die 'curl is missing: install it'
}

compose() { "${compose_command[@]}" "$@"; }

# The value of a setting: the environment's, as Compose has it, or that in .env.
value() {
    if [[ -n ${!1:-} ]]; then
        printf '%s' "${!1}"
    elif [[ -f .env ]]; then
        sed -n "s/^$1=//p" .env | tail -n 1
    fi
}

# Write a setting into .env.
keep() {
    local rest
    rest=$(grep -v "^$1=" .env || :)
    printf '%s\n' "$rest" "$1=$2" >.env
}

# make_env MODE: a file that nobody else can read, with a password nobody knows.
make_env() {
    if [[ ! -f .env ]]; then
        (umask 077 && cp .env.example .env && chmod 600 .env)
        keep REDIS_PASSWORD "$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
        say 'made .env, with a password for Redis'
    fi
    [[ -z ${PORT:-} ]] || keep PORT "$PORT"
    case $1 in
        --privileged) keep COMPOSE_FILE docker-compose.yml ;;
        --least-privilege)
            [[ ${compose_command[0]} == docker ]] || die '--least-privilege needs Docker Compose 2'
            local version
            version=$(docker info --format '{{.CgroupVersion}}')
            keep COMPOSE_FILE "docker-compose.yml:deploy/compose/least-privilege.yml:deploy/compose/cgroup-v${version:-1}.yml"
            ;;
    esac
}

refuse_an_open_door() {
    case $(value PUBLISH) in
        '' | 127.* | ::1 | '[::1]') ;;
        *)
            [[ -n $(value API_KEYS) ]] || die 'PUBLISH opens the API to others: set API_KEYS in .env'
            ;;
    esac
}

project() { value COMPOSE_PROJECT_NAME; }

# Containers of ours that were started from another folder; those of this folder Compose replaces itself.
remove_older_ones() {
    local id folder
    for id in $(docker ps --all --quiet --filter "label=com.docker.compose.project=$(project)"); do
        folder=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project.working_dir"}}' "$id")
        if [[ $folder != "$PWD" ]]; then
            docker rm --force --volumes "$id" >/dev/null
            say "removed an older container of ours, of $folder"
        fi
    done
}

refuse_a_taken_port() {
    local port
    port=$(value PORT)
    [[ -z $(compose ps --quiet api 2>/dev/null) ]] || return 0
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        die "port $port is in use: PORT=$((port + 1)) ./setup_local.sh would choose another"
    fi
}

# cgroups COMMAND: run it for our directory of each controller of this machine, as root.
cgroups() {
    docker run --rm --network none --user 0:0 --volume /sys/fs/cgroup:/host --entrypoint sh \
        "python-executor-worker:$(tag)" -c "for controller in memory pids cpu cpuacct; do
            set -- \"/host/\$controller/$(project)\"; $1 || exit; done"
}

tag() {
    local tag
    tag=$(value TAG)
    printf '%s' "${tag:-local}"
}

url() {
    local address
    address=$(value PUBLISH)
    case $address in '' | 0.0.0.0) address=127.0.0.1 ;; *:*) address="[${address//[\[\]]/}]" ;; esac
    printf 'http://%s:%s' "$address" "$(value PORT)"
}

wait_until_ready() {
    local deadline=$((SECONDS + 120)) answer
    say 'waiting until it is ready'
    until answer=$(curl --silent --fail --max-time 5 "$(url)/health/ready"); do
        if ((SECONDS > deadline)); then
            compose logs --tail 10 worker api >&2
            die 'not ready after two minutes; above is what worker and api said last'
        fi
        sleep 0.5
    done
    say "ready; sandbox: $(sed -n 's/.*"sandbox": *"\([a-z]*\)".*/\1/p' <<<"$answer")"
}

run_an_example() {
    local key=() hint='' example='{"script": "def main(name):\n    return dict(hello=name)", "inputs": {"name": "world"}}'
    if [[ -n $(value API_KEYS) ]]; then
        hint='-H "Authorization: Bearer $KEY" '
        [[ -z ${KEY:-} ]] || key=(--header "Authorization: Bearer $KEY")
    fi
    cat <<TRY

curl -s $(url)/execute -H 'Content-Type: application/json' $hint-d '$example'

TRY
    if [[ -n $hint && -z ${KEY:-} ]]; then
        say 'KEY is not set, so the example was not run'
    else
        curl --silent --show-error "$(url)/execute" --header 'Content-Type: application/json' "${key[@]}" --data "$example"
    fi
    cat <<TRY


try:    examples/README.md has scripts to send; $(url)/docs describes every call
        ${compose_command[*]} up --detach --scale worker=3
        ${compose_command[*]} logs --follow worker
stop:   ./setup_local.sh --down
TRY
}

take_down() {
    [[ -f .env ]] || die 'there is no .env: nothing was started from here'
    local files
    files=$(value COMPOSE_FILE)
    compose down --volumes --remove-orphans --timeout 60 2>"$log" || die "it was not taken down: $(tail -n 1 "$log")"
    if [[ $files == *cgroup-v1.yml* ]] && docker image inspect "python-executor-worker:$(tag)" >/dev/null 2>&1; then
        cgroups '! [ -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +'
    fi
    docker image rm "python-executor-api:$(tag)" "python-executor-worker:$(tag)" >/dev/null 2>&1 || :
    say 'containers, networks, images and jobs are gone; .env is still there'
}

main "$@"
