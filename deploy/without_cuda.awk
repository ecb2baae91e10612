# The lock without torch, torchvision and what only they need of CUDA: those come from PyTorch's own index for CPUs.
/^[a-z0-9]/ { left_out = $0 ~ /^(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z-]+)==/ }
!left_out
