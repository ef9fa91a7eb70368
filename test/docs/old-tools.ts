const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What the tools before this one had, by kind. A migration page that does not name one of these leaves somebody behind. */
export const oldTools: Readonly<Record<string, readonly string[]>> = {
  'commands of scripts/version.py': words('create validate resolve realize run-ui run-handler clone delete test'),
  'flags of scripts/version.py': words(`
    --repo --nodes --models --nodes-file --models-file --models-root --auto-checksum --output --offline --target
    --models-dir --wheels-dir --dry-run --host --port --extra-args --workflow --out-file --gcs-bucket --gcs-prefix
    --verbose --force --remove-spec`),
  scripts: words(`
    create_version.py clone_version.sh realize_version.py remove_version.sh pin_requirements.py verify_models.py
    validate_yaml_models.py validate_json_nodes.py verify_custom_nodes.py repro_env_compare.py repro_workflow_hash.py
    init_comfyui.sh realize.py rp_handler.main run_handler_local.sh build_docker.sh rebuild_serverless.sh`),
  'flags of scripts': words(`
    --name --comfy-path --comfy-repo --venv --requirements --custom-node --models-spec --wheel-url --pretty --version-id
    --spec --lock --python --skip-models --pip-extra-args --yes --remove-models --remove-root --in-place --overwrite
    --timeout --cache --cache-dir --yaml --validate-only --skip-disk-check --workers --json --lock-files --comfy-home
    --install-reqs --keep --baseline --mode --path --ref --install-torch --image --context --dockerfile --no-build --pull
    --no-cache --build-arg --venv-mode --tag --push`),
  'fields of a version': words(`
    schema_version version_id id comfy comfyui comfy.repo comfy.ref comfy.commit custom_nodes[].repo custom_nodes[].name
    custom_nodes[].ref custom_nodes[].commit custom_nodes[].target_dir custom_nodes[].install_requirements
    models[].source models[].name models[].target_subdir models[].target_path models[].path models[].checksum
    python_packages env options.offline options.skip_models`),
  'fields of a spec and its lock': words(`
    lock target options.wheels_dir options.pip_extra_args version_name comfyui.repo comfyui.commit comfyui.path
    custom_nodes[].path python.version python.interpreter python.packages[].name .version .url models[].id source_spec`),
  sources: words('https:// http:// hf:// huggingface:// civitai://models/<id> gs:// gsutil:// file://'),
  files: words(`
    .runpod_prepared.json .comfy_env .requirements.lock.txt extra_model_paths.yaml <cache>/resolved/<id>.lock.json
    <target>/ComfyUI/main.py <cache>/comfy <cache>/custom_nodes <cache>/models nodes/*.json models/*.yml
    /runpod-volume/ComfyUI /workspace/ComfyUI`),
  'variables of paths': words(`
    COMFY_HOME MODELS_DIR COMFY_BUILDS_ROOT XDG_CACHE_HOME COMFY_CACHE_ROOT RUNPOD_COMFY_CACHE COMFY_CACHE
    COMFY_CACHE_MODELS COMFY_MODELS_CACHE COMFY_CACHE_NODES COMFY_NODES_CACHE COMFY_CACHE_COMFY COMFY_CORE_CACHE`),
  'variables of behaviour': words(`
    COMFY_OFFLINE COMFY_OFFLINE_MODE COMFY_MODELS_TIMEOUT COMFY_VENV_MODE COMFY_DISABLE_MODEL_CACHE
    COMFY_MODELS_CACHE_DISABLE COMFY_ENABLE_CACHE COMFY_VERBOSE COMFY_PYTHON COMFY_USE_SYSTEM_PYTHON PYTHONPATH
    COMFY_STARTUP_TIMEOUT COMFY_RESPOND_TIMEOUT`),
  'variables of the handler': words(`
    COMFY_VERSION_NAME LOCK_PATH VERSION_SPEC_PATH OUTPUT_MODE GCS_BUCKET GCS_PREFIX GCS_RETRIES GCS_RETRY_BASE_SLEEP
    GCS_PUBLIC GCS_SIGNED_URL_TTL GCS_VALIDATE GCS_PROJECT GOOGLE_CLOUD_PROJECT GOOGLE_APPLICATION_CREDENTIALS
    RUNPOD_SERVERLESS HF_TOKEN HUGGINGFACE_TOKEN CIVITAI_TOKEN HTTP_USER_AGENT`),
  'variables of quotas, images and pods': words(`
    RUNPOD_VOLUME_QUOTA_BYTES RUNPOD_VOLUME_QUOTA_GB RUNPOD_VOLUME_SIZE_BYTES RUNPOD_VOLUME_SIZE_GB RUNPOD_VOLUME_BYTES
    RUNPOD_VOLUME_GB RUNPOD_VOLUME_DEFAULT_QUOTA_GB RUNPOD_DEFAULT_QUOTA_GB RUNPOD_VOLUME_ROOT RP_TOKEN_READONLY
    PYTHON_BIN COMFY_REPO COMFY_REF VENV_PATH INSTALL_TORCH TRACE COMFY_REALIZE_IMAGE COMFY_REALIZE_CONTEXT
    COMFY_REALIZE_DOCKERFILE DOCKER_IMAGE DOCKER_TAG IMAGE_TAG SKIP_DOCKER JUPYTER_TOKEN JUPYTER_PASSWORD RUNPOD_API_KEY
    RUNPOD_TEMPLATE_ID`),
  payload: words(`
    version_id workflow workflow_url input_images images output_mode gcs_bucket gcs_prefix models_dir verbose base64 size
    extension url gcs_path signed_url error`),
  'cm-cli': words(`
    cm-cli install reinstall uninstall update enable disable fix show simple-show save-snapshot restore-snapshot
    restore-dependencies deps-in-workflow cli-only-mode clear --channel --mode --pip-non-url --pip-non-local-url
    --pip-local-url --uv-compile`),
  'comfy-cli': words(`
    comfy launch run node model download env --install-completion comfy-lock.yaml --workspace --here --recent
    --skip-manager --fast-deps`),
};
