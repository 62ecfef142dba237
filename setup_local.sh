#!/usr/bin/env bash
# Builds the images, starts the service in containers on this machine and runs one example.
# shellcheck disable=SC2016 # The variables in single quotes are for other shells.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'USAGE'
./setup_local.sh                     build and start the service, wait until it is ready, run an example
./setup_local.sh --least-privilege   the same, with an unprivileged worker; later runs keep this choice
./setup_local.sh --privileged        the same, with a privileged worker again (the default)
./setup_local.sh --down              remove the containers, networks, images and jobs; keep .env

Needs Docker with Compose, and curl. The first run creates .env, which holds the settings.
PORT=8081 ./setup_local.sh changes the port and saves it in .env.
KEY=… ./setup_local.sh runs the example with this API key, where .env has API_KEYS.
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
        remove_service
        return
    fi
    create_env
    save_mode "${1:-}"
    require_keys_if_public
    remove_containers_of_other_folders
    require_free_port
    say 'building the images'
    compose build --quiet
    create_cgroups
    say 'starting redis, api and worker'
    compose up --detach --no-build --remove-orphans --quiet-pull 2>"$errors" ||
        die "the containers did not start: $(tail -n 1 "$errors")"
    wait_until_ready
    run_an_example
}

say() { printf '%s\n' "setup_local.sh: $*"; }

die() {
    say "$*" >&2
    exit 1
}

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

find_engine() {
    command -v docker >/dev/null || die 'docker is missing: install Docker Engine or Docker Desktop'
    docker info >/dev/null 2>"$errors" || die "the Docker engine does not answer: $(tail -n 1 "$errors")"
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

# Print the value of a setting. As in Compose, the environment takes precedence over .env.
setting() {
    if [[ -n ${!1:-} ]]; then
        printf '%s' "${!1}"
    elif [[ -f .env ]]; then
        sed -n "s/^$1=//p" .env | tail -n 1
    fi
}

# save_setting NAME VALUE: write a setting into .env, in place of an earlier value.
save_setting() {
    local rest
    rest=$(grep -v "^$1=" .env || :)
    printf '%s\n' "$rest" "$1=$2" >.env
}

# Create .env if there is none, with a random password for Redis. Only its owner can read it.
create_env() {
    if [[ ! -f .env ]]; then
        (umask 077 && cp .env.example .env && chmod 600 .env)
        save_setting REDIS_PASSWORD "$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
        say 'created .env, with a random password for Redis'
    fi
    [[ -z ${PORT:-} ]] || save_setting PORT "$PORT"
}

# save_mode OPTION: write the Compose files of --privileged or --least-privilege into .env.
save_mode() {
    case $1 in
        --privileged) save_setting COMPOSE_FILE docker-compose.yml ;;
        --least-privilege)
            [[ ${compose_command[0]} == docker ]] || die '--least-privilege needs Docker Compose 2'
            local version folder=deploy/compose
            version=$(docker info --format '{{.CgroupVersion}}')
            save_setting COMPOSE_FILE \
                "docker-compose.yml:$folder/least-privilege.yml:$folder/cgroup-v${version:-1}.yml"
            ;;
    esac
}

require_keys_if_public() {
    case $(setting PUBLISH) in
        '' | 127.* | ::1 | '[::1]') ;;
        *)
            [[ -n $(setting API_KEYS) ]] || die 'PUBLISH opens the API to other machines: set API_KEYS in .env'
            ;;
    esac
}

project() { setting COMPOSE_PROJECT_NAME; }

# Remove containers of this project that were started from another folder. Compose itself replaces those of this folder.
remove_containers_of_other_folders() {
    local id folder
    for id in $(docker ps --all --quiet --filter "label=com.docker.compose.project=$(project)"); do
        folder=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project.working_dir"}}' "$id")
        if [[ $folder != "$PWD" ]]; then
            docker rm --force --volumes "$id" >/dev/null
            say "removed a container of this project that was started from $folder"
        fi
    done
}

require_free_port() {
    local port
    port=$(setting PORT)
    # A running API of this project holds the port. Compose replaces it.
    [[ -z $(compose ps --quiet api 2>/dev/null) ]] || return 0
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        die "port $port is in use: choose another, for example PORT=$((port + 1)) ./setup_local.sh"
    fi
}

uses_cgroup_v1() { [[ $(setting COMPOSE_FILE) == *cgroup-v1.yml* ]]; }

# Create the directories that deploy/compose/cgroup-v1.yml mounts, owned by the worker's user.
create_cgroups() {
    if uses_cgroup_v1; then
        for_each_cgroup 'mkdir -p "$1" && chown 10001:10001 "$1"'
    fi
}

# Remove these directories, innermost first. A worker that was killed leaves empty cgroups in them.
remove_cgroups() {
    if uses_cgroup_v1 && docker image inspect "python-executor-worker:$(tag)" >/dev/null 2>&1; then
        for_each_cgroup '! [ -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +'
    fi
}

# for_each_cgroup COMMAND: run it as root for each directory of the host that cgroup-v1.yml mounts; $1 is the directory.
for_each_cgroup() {
    docker run --rm --network none --user 0:0 --volume /sys/fs/cgroup:/host --entrypoint sh \
        "python-executor-worker:$(tag)" -c "for controller in memory pids cpu cpuacct; do
            set -- \"/host/\$controller/$(project)\"; $1 || exit; done"
}

tag() {
    local tag
    tag=$(setting TAG)
    printf '%s' "${tag:-local}"
}

url() {
    local address
    address=$(setting PUBLISH)
    case $address in '' | 0.0.0.0) address=127.0.0.1 ;; *:*) address="[${address//[\[\]]/}]" ;; esac
    printf 'http://%s:%s' "$address" "$(setting PORT)"
}

wait_until_ready() {
    local deadline=$((SECONDS + 120)) answer
    say 'waiting until the service is ready'
    until answer=$(curl --silent --fail --max-time 5 "$(url)/health/ready"); do
        if ((SECONDS > deadline)); then
            compose logs --tail 10 worker api >&2
            die 'not ready after two minutes; the last log lines of worker and api are above'
        fi
        sleep 0.5
    done
    say "ready; sandbox: $(sed -n 's/.*"sandbox": *"\([a-z]*\)".*/\1/p' <<<"$answer")"
}

run_an_example() {
    local request='{"script": "def main(name):\n    return dict(hello=name)", "inputs": {"name": "world"}}'
    local shown_header='' key_header=()
    if [[ -n $(setting API_KEYS) ]]; then
        shown_header='-H "Authorization: Bearer $KEY" '
        [[ -z ${KEY:-} ]] || key_header=(--header "Authorization: Bearer $KEY")
    fi
    cat <<TRY

curl -s $(url)/execute -H 'Content-Type: application/json' $shown_header-d '$request'

TRY
    if [[ -n $shown_header && -z ${KEY:-} ]]; then
        say 'KEY is not set, so the example was not run'
    else
        curl --silent --show-error "$(url)/execute" \
            --header 'Content-Type: application/json' "${key_header[@]}" --data "$request"
    fi
    cat <<TRY


try:    examples/README.md has scripts to send; $(url)/docs describes every call
        ${compose_command[*]} up --detach --scale worker=3
        ${compose_command[*]} logs --follow worker
stop:   ./setup_local.sh --down
TRY
}

remove_service() {
    [[ -f .env ]] || die 'there is no .env: nothing was started from this folder'
    compose down --volumes --remove-orphans --timeout 60 2>"$errors" ||
        die "the containers were not removed: $(tail -n 1 "$errors")"
    remove_cgroups
    docker image rm "python-executor-api:$(tag)" "python-executor-worker:$(tag)" >/dev/null 2>&1 || :
    say 'removed the containers, networks, images and jobs; .env is kept'
}

main "$@"
