"""Small networks of the real libraries, untrained, for the test that runs where one of them is installed."""

from __future__ import annotations


def diffusers_unet():
    from diffusers import UNet2DModel

    return UNet2DModel(
        sample_size=16, in_channels=1, out_channels=1, layers_per_block=1, block_out_channels=(32, 64), num_class_embeds=4,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    )


def monai_unet():
    from monai.networks.nets import DiffusionModelUNet

    return DiffusionModelUNet(
        spatial_dims=2, in_channels=1, out_channels=1, num_res_blocks=1, channels=(32, 64), attention_levels=(False, True),
        num_head_channels=32, num_class_embeds=4,
    )
